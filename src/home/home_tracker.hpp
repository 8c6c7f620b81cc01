#pragma once

#include "adapt/quality.hpp"
#include "base/clock.hpp"
#include "base/image.hpp"
#include "base/pool.hpp"
#include "base/result.hpp"
#include "engine/network.hpp"
#include "vision/tracker.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace storysign::home {

/// The tracker of a learner at home: what a server has where its configuration changes nothing.
[[nodiscard]] vision::TrackerOptions home_options() noexcept;

/// One picture of the camera, and what its sender says of it.
struct HomeFrame {
  std::uint32_t number = 0;
  std::chrono::microseconds capture_time{0};  ///< The client's monotonic clock.
  std::chrono::microseconds latency{0};       ///< The last one it measured; 0: none yet.
  std::uint32_t dropped = 0;                  ///< Frames it left out since it connected.
  /// What has gone into this frame already, as reading its pixels: part of its service time.
  std::chrono::microseconds spent{0};
};

/// From the pictures of one learner to messages, one after another, the fast way and as the server
/// goes it. Owned by the page's worker; one thread.
class HomeTracker {
 public:
  /// Makes all networks of home_options(); fails as the engine does. `now` is asked for the time
  /// that networks take. `engine` may go.
  static base::Result<std::unique_ptr<HomeTracker>> create(engine::Engine& engine,
                                                           base::SteadyTime (*now)() noexcept);

  /// The learner's choice; none: the controller chooses by service time.
  void choose(std::optional<adapt::Profile> profile) noexcept;

  /// Forgets the learner: the next frame is the first. The profile in force stays.
  void reset() noexcept;

  /// Room for the next picture: width * height pixels of R, G, B and A, row by row. The sides must
  /// be above 0. Valid until the next call.
  [[nodiscard]] std::span<std::uint8_t> picture(int width, int height);

  /// Finds the landmarks of the picture that was written to picture(); message() and answer() are
  /// those of this frame afterwards. Fails if there is no picture, or a network fails: the next
  /// frame is the first then.
  [[nodiscard]] base::Result<void> track(const HomeFrame& frame);

  /// A frame of landmarks for the server, and the same as a server's answer, which says no frame
  /// rate: that is not for this tracker to advise. Valid until the next track().
  [[nodiscard]] std::span<const std::uint8_t> message() const noexcept { return message_; }
  [[nodiscard]] std::span<const std::uint8_t> answer() const noexcept { return answer_; }

 private:
  HomeTracker(std::unique_ptr<vision::Networks> networks, base::SteadyTime (*now)() noexcept);
  void pack_colours() noexcept;
  void write(const HomeFrame& frame, const vision::FrameLandmarks& found,
             std::chrono::microseconds vision);

  // Given.
  base::SteadyTime (*now_)() noexcept;
  // Owned.
  std::unique_ptr<vision::Networks> networks_;
  vision::HolisticTracker tracker_;
  adapt::QualityController controller_;
  // State: memory that is kept from frame to frame.
  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> rgba_;
  base::Image colours_;
  base::GrayImage gray_;
  base::Bytes message_;
  base::Bytes answer_;
};

}  // namespace storysign::home
