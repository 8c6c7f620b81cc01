#pragma once

#include "vision/landmarks.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace storysign::session {

/// Why landmarks that a client has sent cannot be a person's in front of a camera.
enum class Implausible : std::uint8_t {
  kTime,     ///< The frame was taken no later than the one before.
  kOutside,  ///< A part is far outside the picture.
  kSpeed,    ///< A part has moved faster than anybody can.
};

/// As in the metrics; a literal.
[[nodiscard]] std::string_view name_of(Implausible what) noexcept;
/// What was wrong and what to do, for the client.
[[nodiscard]] std::string_view sentence_of(Implausible what) noexcept;

/// Holds the landmarks of one client's frames, one after the other, against what can be. Values
/// that are no numbers cannot come here: the wire has whole steps. One thread at a time.
class LandmarkGate {
 public:
  /// Nothing if the frame may count; it is then what the next one is held against. `time` is when
  /// it was taken, on the client's clock.
  [[nodiscard]] std::optional<Implausible> refuse(const vision::FrameLandmarks& found,
                                                  std::chrono::microseconds time);

 private:
  /// Where the middle of a part was, as fractions of the picture's sides, and when.
  struct Sighting {
    std::array<double, 2> middle{};
    std::chrono::microseconds time{};
  };
  static constexpr std::size_t kParts = 4;  // Body, left hand, right hand, face.
  using Middles = std::array<std::optional<std::array<double, 2>>, kParts>;

  [[nodiscard]] static Middles middles_of(const vision::FrameLandmarks& found);

  // State.
  std::optional<std::chrono::microseconds> last_;
  std::array<std::optional<Sighting>, kParts> seen_;
};

}  // namespace storysign::session
