#pragma once

#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace storysign::app {

/// Milliseconds of many events.
class Samples {
 public:
  void add(std::chrono::nanoseconds time);
  void add(const Samples& others);
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

  struct Summary {
    double p50 = 0.0;
    double p95 = 0.0;
    double p99 = 0.0;
    double max = 0.0;
  };
  /// Percentiles by the nearest rank: the smallest sample that so many percent do not exceed. 0
  /// without samples.
  [[nodiscard]] Summary summary() const;

 private:
  std::vector<float> values_;
};

/// Where the server says that a frame's time went.
inline constexpr std::size_t kServerTimes = 6;
inline constexpr std::array<const char*, kServerTimes> kServerTimeNames{
    "queue", "decode", "vision", "render", "encode", "total"};

/// An answer, whatever protocol it came by.
struct Answered {
  std::uint32_t frame_number = 0;
  bool success = false;
  bool inferred = false;
  std::uint32_t replaced = 0;  ///< Frames replaced since the last answer.
  std::uint32_t expired = 0;   ///< Frames expired since the last answer.
  std::array<std::chrono::microseconds, kServerTimes> server{};
};

/// What became of the frames of one client, or of all together.
struct Tally {
  std::uint64_t due = 0;        ///< Frames whose time had come: sent and held back.
  std::uint64_t held_back = 0;  ///< Not sent, because too many were unanswered already.
  std::uint64_t sent = 0;
  std::uint64_t inferred = 0;    ///< Answered with fresh landmarks.
  std::uint64_t propagated = 0;  ///< Answered with propagated landmarks.
  std::uint64_t failed = 0;      ///< Answered without success.
  std::uint64_t late = 0;        ///< Of those with success: later than the deadline.
  std::uint64_t replaced = 0;    ///< Counted as such by the server.
  std::uint64_t expired = 0;     ///< Counted as such by the server.
  /// Neither answered nor counted. The server counts skipped frames in its next answer, so those
  /// that it skips after its last one are among these.
  std::uint64_t lost = 0;
  std::uint64_t unexpected = 0;  ///< Answers to no frame that was waiting for one.
  std::uint64_t errors = 0;      ///< Error messages of the server, which name no frame.
  std::uint64_t attempts = 0;    ///< Of practice, judged.
  std::uint64_t accepted = 0;    ///< Of these.
  std::uint64_t not_judged = 0;  ///< Attempts that the server had too much to do for.
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  Samples from_due;   ///< From the time that the frame was due to its answer, success only.
  Samples from_send;  ///< From the time that it was handed to the socket, success only.
  Samples send_lag;   ///< From due to handed to the socket: how much the generator itself lags.
  std::array<std::chrono::microseconds, kServerTimes> server{};  ///< Sums over answers.

  [[nodiscard]] std::uint64_t answered() const noexcept { return inferred + propagated + failed; }
  void add(const Tally& other);
};

/// Keeps one client's account, on one clock. One thread.
class Ledger {
 public:
  explicit Ledger(std::chrono::nanoseconds deadline) : deadline_(deadline) {}

  /// A frame was due and goes nowhere.
  void hold_back();
  /// A frame is due and will go out; numbers are not used twice. One that does not count is only
  /// known to be unanswered.
  void plan(std::uint32_t number, base::SteadyTime due, bool counts = true);
  /// A planned frame is being handed to the socket.
  void send(std::uint32_t number, base::SteadyTime now, std::size_t bytes);
  /// When the frame was due, if the answer is to a frame that waited for one and has success.
  std::optional<base::SteadyTime> answer(const Answered& answer, base::SteadyTime now);
  void count_received(std::size_t bytes) { tally_.bytes_received += bytes; }
  void count_error() { ++tally_.errors; }
  void count_attempt(bool is_judged, bool accepted);

  /// Frames planned or sent that nothing is known of yet.
  [[nodiscard]] std::uint64_t unanswered() const noexcept;

  /// The account as it stands: what is unanswered and sent is lost, what is planned and never sent
  /// was held back.
  [[nodiscard]] Tally close() const;

 private:
  struct Entry {
    base::SteadyTime due;
    base::SteadyTime sent;
    bool is_sent = false;
    bool counts = true;
  };

  // Given.
  std::chrono::nanoseconds deadline_;
  // State.
  std::unordered_map<std::uint32_t, Entry> open_;
  std::uint64_t skipped_ = 0;  ///< Replaced and expired, those that do not count too.
  Tally tally_;
};

}  // namespace storysign::app
