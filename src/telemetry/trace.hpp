#pragma once

#include "base/clock.hpp"
#include "base/mutex.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::telemetry {

/// Where the time of one frame went: what /api/trace shows. No pixels, no landmarks.
struct FrameTrace {
  /// In the order in which they come; kOutbox is the rest, until the answer was handed to the
  /// socket.
  enum Stage : std::uint8_t { kQueue, kDecode, kVision, kRender, kEncode, kOutbox };
  static constexpr std::size_t kStages = 6;

  std::uint64_t session = 0;
  std::uint32_t frame = 0;   ///< The client's number of it.
  std::string_view outcome;  ///< These two last for ever.
  std::string_view profile;
  base::SteadyTime received;
  std::array<std::chrono::microseconds, kStages> stages{};
};

/// Every so many frames one is kept, the last kFrames of them. Made by app, outlives the sessions;
/// any thread. Keeping one allocates nothing.
class TraceRing {
 public:
  static constexpr std::size_t kFrames = 1024;

  /// `every`: one frame in so many is kept; 0: none.
  explicit TraceRing(std::uint32_t every);

  /// Whether this frame is one to be kept; asked once for each.
  [[nodiscard]] bool wants_next() noexcept;
  void keep(const FrameTrace& frame) noexcept;

  /// From now on; for a configuration that changes.
  void set_every(std::uint32_t every) noexcept { every_ = every; }

  /// The last `most` frames, the oldest first, in the trace event format of Chrome (JSON object
  /// form): a row for each session, one event for each stage that took time, times in microseconds
  /// of a clock that only counts up.
  [[nodiscard]] std::string chrome_json(std::size_t most) const;

 private:
  // Given.
  std::atomic<std::uint32_t> every_;
  // State.
  std::atomic<std::uint32_t> seen_{0};
  mutable base::Mutex mutex_;
  std::vector<FrameTrace> frames_ STORYSIGN_GUARDED_BY(mutex_);
  std::uint64_t kept_ STORYSIGN_GUARDED_BY(mutex_) = 0;
};

}  // namespace storysign::telemetry
