#pragma once

#include "base/clock.hpp"
#include "base/pool.hpp"
#include "base/result.hpp"
#include "codec/encoder.hpp"
#include "codec/gate.hpp"
#include "engine/network.hpp"
#include "vision/landmarks.hpp"
#include "vision/tracker.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace storysign::telemetry {
class Log;
class Metrics;
}  // namespace storysign::telemetry

namespace storysign::pipeline {

/// What a client wants back for a frame. Neither: only whether parts were found.
struct Wish {
  bool landmarks = false;
  bool picture = false;
};

/// How a frame is to be treated.
struct FrameQuality {
  bool is_fast = false;  ///< Track the fast way, at this pace; else the reference way.
  vision::Pace pace;
  codec::EncodeSettings encode;   ///< Of the picture.
  double resolution_scale = 1.0;  ///< Sides of the picture, of the frame's; above 0, at most 1.
};

/// A frame on its way to a worker. Whoever holds it owns its bytes.
struct Frame {
  base::BytesLease buffer;
  std::size_t offset = 0;  ///< Where in the buffer the JPEG begins; it ends with the buffer.
  std::uint32_t client_number = 0;
  std::chrono::microseconds capture_time{};  ///< On the client's clock; returned as it is.
  std::chrono::microseconds track_time{};    ///< For the tracker; should grow from frame to frame.
  base::SteadyTime received;                 ///< When its last byte had come.
  int declared_width = 0;                    ///< What the client says the JPEG has; 0: not said.
  int declared_height = 0;
  Wish wish;
  FrameQuality quality;
  bool keep = false;  ///< Not to be replaced by a newer frame while the queue has room.

  [[nodiscard]] std::span<const std::uint8_t> jpeg() const noexcept {
    return std::span<const std::uint8_t>(*buffer).subspan(offset);
  }
};

/// How a frame ended. Replaced and expired frames have no result of their own: the channel's next
/// result counts them.
enum class Outcome : std::uint8_t {
  kInferred,    ///< A network ran on it.
  kPropagated,  ///< Nothing new to see: its landmarks are those before, moved.
  kRejected,    ///< The JPEG was refused before decoding, or its size is not as declared.
  kUndecoded,   ///< The JPEG is damaged.
  kFailed,      ///< A network or the encoder failed.
};

/// Where a frame's time went. `queue` is from received to picked by a worker.
struct StageTimes {
  std::chrono::microseconds queue{};
  /// Part of `queue`: for a worker, and not for the channel's own frame before.
  std::chrono::microseconds contended{};
  std::chrono::microseconds decode{};  ///< Gate and decoding.
  std::chrono::microseconds vision{};
  std::chrono::microseconds render{};
  std::chrono::microseconds encode{};
};

/// What became of a frame. Reused from a pool; `picture` keeps its memory.
struct FrameResult {
  std::uint32_t client_number = 0;
  std::chrono::microseconds capture_time{};
  base::SteadyTime received;
  Wish wish;
  FrameQuality quality;
  bool keep = false;  ///< As the frame had it: the client waits for this answer.
  Outcome outcome = Outcome::kFailed;
  std::string error;        ///< One sentence; empty if the frame was tracked.
  std::string_view reason;  ///< Of a rejection: codec::gate_reason_name(), or "size_mismatch".
  int width = 0;            ///< Of the frame, pixels; 0 if it was never known.
  int height = 0;
  std::size_t received_bytes = 0;    ///< Of the frame's JPEG.
  vision::FrameLandmarks landmarks;  ///< Meaningful if tracked.
  base::Bytes picture;               ///< The annotated JPEG; empty unless wished for.
  int picture_width = 0;             ///< Of the picture, pixels; 0 if there is none.
  int picture_height = 0;
  int jpeg_quality = 0;        ///< Of the picture; 0 if there is none.
  std::uint32_t replaced = 0;  ///< Frames of this channel replaced since the last result.
  std::uint32_t expired = 0;   ///< Frames dropped because they had waited too long.
  StageTimes times;
  bool without_worker = false;  ///< The client has sent its landmarks, or it was refused before.

  /// Whether `landmarks` says what is in the frame.
  [[nodiscard]] bool is_tracked() const noexcept {
    return outcome == Outcome::kInferred || outcome == Outcome::kPropagated;
  }
};

using ResultLease = base::Lease<FrameResult>;

/// Gets the results of a channel, on a worker's thread, one at a time and in order; the channel's
/// next frame is begun when it has returned, so it returns quickly. May be destroyed on a worker's
/// thread, if the worker holds the last pointer.
class ResultListener {
 public:
  virtual ~ResultListener() = default;
  virtual void on_result(ResultLease result) noexcept = 0;
};

/// What submit() did.
struct Submitted {
  std::uint32_t replaced = 0;  ///< Older waiting frames of the channel that this one replaced.
};

/// One learner's way into the pipeline: at most one frame in flight, and a few waiting. Owned by
/// the session; one thread at a time. Destroying it drops what waits; a result that is just being
/// delivered may still reach the listener, which the pipeline keeps alive until then.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Queues a frame; never blocks. With a full queue the oldest waiting frame is replaced; without
  /// `keep` every waiting one that is not kept either is.
  virtual Submitted submit(Frame frame) = 0;

  /// Frames waiting or in flight: 0 if every frame submitted has had its result or was dropped. A
  /// frame is no longer in flight when its result reaches the listener.
  [[nodiscard]] virtual std::size_t pending() const = 0;
};

inline constexpr int kMaxWorkers = 256;

/// What may change while frames come and go.
struct PipelineRules {
  std::size_t queue = 3;  ///< As in PipelineOptions, for channels opened from now on.
  std::chrono::milliseconds max_wait{100};
  codec::GateLimits gate;  ///< For channels opened from now on.
};

struct PipelineOptions {
  int workers = 1;        ///< Threads that compute at the start, 1 to kMaxWorkers.
  std::size_t queue = 3;  ///< Frames that may wait in one channel.
  /// A frame that has waited longer is dropped when its turn comes, and its channel keeps its place
  /// before the others. Only a channel that has had no turn for ten times as long is served
  /// whatever the age of its newest frame, so that each goes on. Frames to be kept do not expire.
  std::chrono::milliseconds max_wait{100};
  codec::GateLimits gate;
  vision::TrackerOptions tracker;
  base::SteadyTime (*now)() noexcept = &base::steady_now;
  /// Free workers take parts of other workers' frames. Without effect on the results.
  bool parallel_parts = true;
  /// Where frames and stages are counted: received, inferred, propagated, rejected, undecoded,
  /// failed, replaced, expired, abandoned, the parts inferred, and the stage times. What happens to
  /// a result afterwards (age, outbox) is for the session to count. May be null.
  telemetry::Metrics* metrics = nullptr;
  telemetry::Log* log = nullptr;  ///< For failures that are no client's fault. May be null.
};

/// What the pipeline is doing now.
struct Load {
  int workers = 0;  ///< As set last; those that finish their last frame do not count.
  int busy = 0;     ///< Workers with a frame or a part of one.
  std::size_t channels = 0;
  std::size_t waiting = 0;  ///< Frames in all channels together.
  /// For how long a worker has been at the frame or part that it has; the longest of all.
  std::chrono::nanoseconds longest_work{};
};

/// The workers and the fair choice of what they do next: the channel that has waited longest, one
/// frame in flight a channel. A free worker first takes a part (hand, face) of another worker's
/// frame. Any thread. Outlives its channels, results and buffers; outlived by the engine,
/// and by metrics and log.
class Pipeline {
 public:
  /// Loads the networks for every worker and starts the threads. Fails as vision::Networks::create;
  /// with kInvalidInput for options out of range, kUnavailable if a thread cannot be started.
  [[nodiscard]] static base::Result<std::unique_ptr<Pipeline>> create(
      engine::Engine& engine, const PipelineOptions& options);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  Pipeline(Pipeline&&) = delete;
  Pipeline& operator=(Pipeline&&) = delete;
  /// Finishes the frames in flight, drops those that wait, joins the threads.
  ~Pipeline();

  /// shared_ptr because a worker may be delivering a result while the session ends.
  [[nodiscard]] std::unique_ptr<Channel> open(std::shared_ptr<ResultListener> listener);

  [[nodiscard]] base::BytesPool& buffers() noexcept;
  /// Results to be filled by others than workers; each must be written whole.
  [[nodiscard]] base::Pool<FrameResult>& results() noexcept;
  [[nodiscard]] Load load() const;

  /// Changes how many workers there are, 1 to kMaxWorkers, while frames come and go; no frame is
  /// lost, none overtakes another of its channel. More: loads the networks for the new ones first
  /// (part of a second each), on the thread that calls, whose processor affinity they inherit.
  /// Fewer: the surplus ones finish what they have; returns when they have ended. Any thread but a
  /// worker's (a listener); calls at the same time come one after the other. Fails as create(),
  /// and then all is as it was.
  [[nodiscard]] base::Result<void> set_workers(int count);

  /// `max_wait` counts at once, for all. Values as create() takes them. Any thread.
  void set_rules(const PipelineRules& rules);
  [[nodiscard]] PipelineRules rules() const;

 private:
  struct Parts;
  explicit Pipeline(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace storysign::pipeline
