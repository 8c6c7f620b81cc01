#include "pipeline/pipeline.hpp"

#include "pipeline/frame_processor.hpp"
#include "pipeline/scheduler.hpp"
#include "pipeline/worker.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace storysign::pipeline {
namespace {

constexpr int kMaxWorkers = 256;
/// Buffers and results kept for reuse; more in use at once are correct, but come from the heap.
constexpr std::size_t kKeptBuffers = 64;
constexpr std::size_t kKeptResults = 64;
constexpr std::chrono::seconds kLogInterval{5};

bool recycle_result(FrameResult& result) noexcept {
  return base::recycle_bytes(result.picture);
}

class OpenChannel final : public Channel {
 public:
  OpenChannel(Scheduler& scheduler, std::shared_ptr<ChannelState> state)
      : scheduler_(scheduler), state_(std::move(state)) {
    scheduler_.open(*state_);
  }
  OpenChannel(const OpenChannel&) = delete;
  OpenChannel& operator=(const OpenChannel&) = delete;
  OpenChannel(OpenChannel&&) = delete;
  OpenChannel& operator=(OpenChannel&&) = delete;
  ~OpenChannel() override { scheduler_.close(*state_, dropped_); }

  Submitted submit(Frame frame) override {
    const std::uint32_t replaced = scheduler_.submit(*state_, std::move(frame), dropped_);
    dropped_.clear();
    return {.replaced = replaced};
  }
  [[nodiscard]] std::size_t pending() const override { return scheduler_.pending(*state_); }

 private:
  // Given.
  Scheduler& scheduler_;
  // Owned; shared with the worker that has a frame of it.
  std::shared_ptr<ChannelState> state_;
  // State.
  Frames dropped_;
};

base::Result<void> check(const PipelineOptions& options) {
  if (options.workers < 1 || options.workers > kMaxWorkers) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("The number of workers is {}; it must be from 1 to {}.",
                                  options.workers, kMaxWorkers));
  }
  if (options.queue < 1) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "The queue of a channel holds no frame; it must hold at least 1.");
  }
  if (options.max_wait <= std::chrono::milliseconds(0)) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("A frame may wait {} ms; it must be more than 0.", options.max_wait.count()));
  }
  return {};
}

}  // namespace

struct Pipeline::Parts {
  explicit Parts(const PipelineOptions& given)
      : options(given),
        metrics(given.metrics != nullptr ? *given.metrics : own_metrics.emplace()),
        scheduler({.workers = given.workers, .max_wait = given.max_wait, .now = given.now},
                  metrics),
        buffers(kKeptBuffers, base::recycle_bytes),
        results(kKeptResults, recycle_result) {}

  PipelineOptions options;
  std::optional<telemetry::Metrics> own_metrics;
  telemetry::Metrics& metrics;
  telemetry::RepeatLimit log_limit{kLogInterval};
  Scheduler scheduler;
  base::BytesPool buffers;
  base::Pool<FrameResult> results;
  std::vector<Worker> workers;
  std::vector<std::thread> threads;
};

Pipeline::Pipeline(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

base::Result<std::unique_ptr<Pipeline>> Pipeline::create(engine::Engine& engine,
                                                         const PipelineOptions& options) {
  if (auto valid = check(options); !valid) return tl::unexpected(std::move(valid).error());
  std::unique_ptr<Pipeline> pipeline(new Pipeline(std::make_unique<Parts>(options)));
  Parts& parts = *pipeline->parts_;
  const Workshop shop{.options = parts.options,
                      .scheduler = parts.scheduler,
                      .results = parts.results,
                      .metrics = parts.metrics,
                      .log_limit = parts.log_limit};
  for (int i = 0; i < options.workers; ++i) {
    auto processor = FrameProcessor::create(engine, options);
    if (!processor) return tl::unexpected(std::move(processor).error());
    parts.workers.emplace_back(shop, std::move(*processor));
  }
  try {
    for (Worker& worker : parts.workers) {
      const std::string name = fmt::format("worker-{}", parts.threads.size());
      parts.threads.emplace_back([&worker] { worker.run(); });
      pthread_setname_np(parts.threads.back().native_handle(), name.c_str());
    }
  } catch (const std::system_error& error) {
    return base::fail(base::ErrorCode::kUnavailable,
                      fmt::format("Worker thread {} of {} cannot be started ({}); use fewer "
                                  "workers or raise the limit of threads.",
                                  parts.threads.size() + 1, options.workers, error.what()));
  }
  return pipeline;
}

Pipeline::~Pipeline() {
  parts_->scheduler.stop();
  for (std::thread& thread : parts_->threads) thread.join();
}

std::unique_ptr<Channel> Pipeline::open(std::shared_ptr<ResultListener> listener) {
  return std::make_unique<OpenChannel>(
      parts_->scheduler,
      std::make_shared<ChannelState>(std::move(listener), parts_->options.queue));
}

base::BytesPool& Pipeline::buffers() noexcept {
  return parts_->buffers;
}

Load Pipeline::load() const {
  return parts_->scheduler.load();
}

}  // namespace storysign::pipeline
