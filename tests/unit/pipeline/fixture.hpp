#pragma once

#include "base/mutex.hpp"
#include "codec/encoder.hpp"
#include "engine/null_engine.hpp"
#include "pipeline/pipeline.hpp"
#include "support/allocation_count.hpp"
#include "telemetry/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace storysign::pipeline::testing {

/// A network that does what the test says: it can hold every worker until told to go on, and break.
class Stage final : public engine::NullScript {
 public:
  enum class Mood : std::uint8_t { kFine, kFails, kThrows };

  base::Result<void> answer(engine::Model model, std::span<const float> /*input*/,
                            std::span<const engine::NullOutput> outputs) override {
    if (model == engine::Model::kPoseDetection) {
      std::ranges::fill(outputs[1].values, -100.0F);  // Nobody there.
    }
    const base::MutexLock lock(mutex_);
    ++entered_;
    changed_.notify_all();
    while (held_ && passes_ == 0) changed_.wait(mutex_);
    if (held_) --passes_;
    if (mood_ == Mood::kThrows) throw std::runtime_error("the library broke");
    if (mood_ == Mood::kFails) {
      return base::fail(base::ErrorCode::kInternal, "the network failed");
    }
    return {};
  }

  void hold() {
    const base::MutexLock lock(mutex_);
    held_ = true;
  }
  void release() {
    const base::MutexLock lock(mutex_);
    held_ = false;
    passes_ = 0;
    changed_.notify_all();
  }
  /// One call that is held, or the next one, goes on.
  void release_one() {
    const base::MutexLock lock(mutex_);
    ++passes_;
    changed_.notify_all();
  }
  void set_mood(Mood mood) {
    const base::MutexLock lock(mutex_);
    mood_ = mood;
  }
  /// Until so many calls have begun since the start.
  void wait_for_calls(int count) {
    const base::MutexLock lock(mutex_);
    while (entered_ < count) changed_.wait(mutex_);
  }
  [[nodiscard]] int calls() const {
    const base::MutexLock lock(mutex_);
    return entered_;
  }

 private:
  mutable base::Mutex mutex_;
  base::Condition changed_;
  int entered_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  int passes_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  bool held_ STORYSIGN_GUARDED_BY(mutex_) = false;
  Mood mood_ STORYSIGN_GUARDED_BY(mutex_) = Mood::kFine;
};

/// What a test wants to know of a result.
struct Seen {
  std::uint32_t number = 0;
  Outcome outcome = Outcome::kFailed;
  std::string error;
  std::string reason;
  bool keep = false;
  std::uint32_t replaced = 0;
  std::uint32_t expired = 0;
  std::size_t picture_bytes = 0;
  int width = 0;
  int picture_width = 0;
  int picture_height = 0;
};

/// Keeps what arrives. Several channels may share one, to see the order among them.
class Inbox final : public ResultListener {
 public:
  void on_result(ResultLease result) noexcept override {
    const base::MutexLock lock(mutex_);
    seen_.push_back({.number = result->client_number,
                     .outcome = result->outcome,
                     .error = result->error,
                     .reason = std::string(result->reason),
                     .keep = result->keep,
                     .replaced = result->replaced,
                     .expired = result->expired,
                     .picture_bytes = result->picture.size(),
                     .width = result->width,
                     .picture_width = result->picture_width,
                     .picture_height = result->picture_height});
    changed_.notify_all();
  }

  /// The first results, as soon as there are so many.
  std::vector<Seen> wait_for(std::size_t count) {
    const base::MutexLock lock(mutex_);
    while (seen_.size() < count) changed_.wait(mutex_);
    return seen_;
  }
  std::vector<std::uint32_t> numbers(std::size_t count) {
    std::vector<std::uint32_t> numbers;
    for (const Seen& seen : wait_for(count)) numbers.push_back(seen.number);
    return numbers;
  }
  [[nodiscard]] std::size_t size() const {
    const base::MutexLock lock(mutex_);
    return seen_.size();
  }

 private:
  mutable base::Mutex mutex_;
  base::Condition changed_;
  std::vector<Seen> seen_ STORYSIGN_GUARDED_BY(mutex_);
};

inline constexpr int kWidth = 64;
inline constexpr int kHeight = 48;

inline base::Bytes make_jpeg(int width = kWidth, int height = kHeight) {
  base::Image image(width, height);
  const base::MutableImageView view = image.mutable_view();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width * 3; ++x) view.row(y)[x] = static_cast<std::uint8_t>(x * 3 + y * 5);
  }
  codec::JpegEncoder encoder;
  const auto encoded = encoder.encode(image.view());
  return {encoded->bytes.begin(), encoded->bytes.end()};
}

/// A pipeline on the null engine whose frames cost one call of one network (a pose detector that
/// sees nobody).
class PipelineFixture : public ::testing::Test {
 protected:
  void start(int workers, std::size_t queue = 3,
             std::chrono::milliseconds max_wait = std::chrono::hours(1)) {
    PipelineOptions options;
    options.workers = workers;
    options.queue = queue;
    options.max_wait = max_wait;
    options.tracker = {.tracker = vision::TrackerKind::kHolistic, .complexity = 0};
    options.metrics = &metrics_;
    start(options);
  }
  void start(const PipelineOptions& options) {
    auto created = Pipeline::create(*engine_, options);
    ASSERT_TRUE(created) << created.error().message;
    pipeline_ = std::move(*created);
  }

  Frame frame(std::uint32_t number, std::span<const std::uint8_t> jpeg) {
    Frame frame;
    frame.buffer = pipeline_->buffers().take();
    frame.buffer->assign(jpeg.begin(), jpeg.end());
    frame.client_number = number;
    frame.track_time = std::chrono::milliseconds(33) * number;
    frame.received = base::steady_now();
    return frame;
  }
  Frame frame(std::uint32_t number) { return frame(number, jpeg_); }
  Frame kept(std::uint32_t number) {
    Frame frame = this->frame(number);
    frame.keep = true;
    return frame;
  }

  base::Bytes jpeg_ = make_jpeg();
  Stage stage_;
  telemetry::Metrics metrics_;
  std::unique_ptr<engine::Engine> engine_ = engine::make_null_engine(&stage_);
  std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace storysign::pipeline::testing
