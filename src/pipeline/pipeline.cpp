#include "pipeline/pipeline.hpp"

#include "base/mutex.hpp"
#include "pipeline/frame_processor.hpp"
#include "pipeline/scheduler.hpp"
#include "pipeline/worker.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <future>
#include <iterator>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace storysign::pipeline {
namespace {

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

base::Result<void> check_workers(int count) {
  if (count < 1 || count > kMaxWorkers) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("The number of workers is {}; it must be from 1 to {}.", count, kMaxWorkers));
  }
  return {};
}

base::Result<void> check(const PipelineOptions& options) {
  if (auto valid = check_workers(options.workers); !valid) return valid;
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

/// A worker and the thread that runs it. Stays in place while the thread lives.
class Crew {
 public:
  Crew(const Workshop& shop, std::unique_ptr<FrameProcessor> processor, int number)
      : worker_(shop, std::move(processor), number), number_(number) {}
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  Crew(Crew&&) = delete;
  Crew& operator=(Crew&&) = delete;
  /// The scheduler has told the worker to end, or will.
  ~Crew() {
    if (thread_.joinable()) thread_.join();
  }

  /// Throws std::system_error if there is no thread to be had.
  void start() {
    thread_ = std::thread([this] { worker_.run(); });
    pthread_setname_np(thread_.native_handle(), fmt::format("worker-{}", number_).c_str());
  }

 private:
  Worker worker_;
  int number_;
  std::thread thread_;
};

using Crews = std::vector<std::unique_ptr<Crew>>;
using MaybeProcessor = base::Result<std::unique_ptr<FrameProcessor>>;

/// As many at a time as there are cores: compiling the networks of each takes seconds.
std::vector<MaybeProcessor> create_processors(engine::Engine& engine,
                                              const PipelineOptions& options, std::size_t count) {
  const std::size_t at_once = std::max(1U, std::thread::hardware_concurrency());
  std::vector<MaybeProcessor> made;
  while (made.size() < count) {
    std::vector<std::future<MaybeProcessor>> batch;
    while (batch.size() < std::min(at_once, count - made.size())) {
      // Deferred only if there is no thread to be had.
      batch.push_back(std::async(std::launch::async | std::launch::deferred,
                                 [&] { return FrameProcessor::create(engine, options); }));
    }
    for (auto& one : batch) made.push_back(one.get());
  }
  return made;
}

}  // namespace

struct Pipeline::Parts {
  Parts(engine::Engine& runner, const PipelineOptions& given)
      : engine(runner),
        options(given),
        rules{.queue = given.queue, .max_wait = given.max_wait, .gate = given.gate},
        metrics(given.metrics != nullptr ? *given.metrics : own_metrics.emplace()),
        scheduler({.workers = given.workers, .max_wait = given.max_wait, .now = given.now},
                  metrics),
        buffers(kKeptBuffers, base::recycle_bytes),
        results(kKeptResults, recycle_result) {}
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  Parts(Parts&&) = delete;
  Parts& operator=(Parts&&) = delete;
  ~Parts() { scheduler.stop(); }

  base::Result<void> grow(int count) STORYSIGN_REQUIRES(resizing);
  void shrink(int count) STORYSIGN_REQUIRES(resizing);

  // Given.
  engine::Engine& engine;
  PipelineOptions options;
  // Owned; what is later uses what is earlier.
  mutable base::Mutex changing;
  PipelineRules rules STORYSIGN_GUARDED_BY(changing);
  std::optional<telemetry::Metrics> own_metrics;
  telemetry::Metrics& metrics;
  telemetry::RepeatLimit log_limit{kLogInterval};
  Scheduler scheduler;
  base::BytesPool buffers;
  base::Pool<FrameResult> results;
  base::Mutex resizing;  ///< Held while workers come or go.
  Crews crews STORYSIGN_GUARDED_BY(resizing);
};

base::Result<void> Pipeline::Parts::grow(int count) {
  const Workshop shop{.options = options,
                      .scheduler = scheduler,
                      .results = results,
                      .metrics = metrics,
                      .log_limit = log_limit};
  const int before = static_cast<int>(crews.size());
  auto processors = create_processors(engine, options, static_cast<std::size_t>(count - before));
  Crews fresh;
  for (auto& processor : processors) {
    if (!processor) return tl::unexpected(std::move(processor).error());
    const int number = before + static_cast<int>(fresh.size());
    fresh.push_back(std::make_unique<Crew>(shop, std::move(*processor), number));
  }
  // Before they start: a worker above the number ends at once.
  scheduler.set_workers(count);
  int number = before;
  try {
    for (const auto& crew : fresh) {
      ++number;
      crew->start();
    }
  } catch (const std::system_error& error) {
    scheduler.set_workers(before);
    return base::fail(base::ErrorCode::kUnavailable,
                      fmt::format("Worker thread {} of {} cannot be started ({}); use fewer "
                                  "workers or raise the limit of threads.",
                                  number, count, error.what()));
  }
  std::ranges::move(fresh, std::back_inserter(crews));
  return {};
}

void Pipeline::Parts::shrink(int count) {
  scheduler.set_workers(count);
  crews.resize(static_cast<std::size_t>(count));
}

Pipeline::Pipeline(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

base::Result<std::unique_ptr<Pipeline>> Pipeline::create(engine::Engine& engine,
                                                         const PipelineOptions& options) {
  if (auto valid = check(options); !valid) return tl::unexpected(std::move(valid).error());
  std::unique_ptr<Pipeline> pipeline(new Pipeline(std::make_unique<Parts>(engine, options)));
  Parts& parts = *pipeline->parts_;
  const base::MutexLock lock(parts.resizing);
  if (auto grown = parts.grow(options.workers); !grown) {
    return tl::unexpected(std::move(grown).error());
  }
  return pipeline;
}

Pipeline::~Pipeline() = default;

base::Result<void> Pipeline::set_workers(int count) {
  if (auto valid = check_workers(count); !valid) return valid;
  const base::MutexLock lock(parts_->resizing);
  const int before = static_cast<int>(parts_->crews.size());
  if (count > before) {
    parts_->engine.expect_workers(count);
    auto grown = parts_->grow(count);
    if (!grown) parts_->engine.expect_workers(before);
    return grown;
  }
  if (count < before) {
    parts_->shrink(count);
    parts_->engine.expect_workers(count);
  }
  return {};
}

std::unique_ptr<Channel> Pipeline::open(std::shared_ptr<ResultListener> listener) {
  const PipelineRules now = rules();
  return std::make_unique<OpenChannel>(
      parts_->scheduler, std::make_shared<ChannelState>(std::move(listener), now.queue, now.gate));
}

void Pipeline::set_rules(const PipelineRules& rules) {
  parts_->scheduler.set_max_wait(rules.max_wait);
  const base::MutexLock lock(parts_->changing);
  parts_->rules = rules;
}

PipelineRules Pipeline::rules() const {
  const base::MutexLock lock(parts_->changing);
  return parts_->rules;
}

base::Pool<FrameResult>& Pipeline::results() noexcept {
  return parts_->results;
}

base::BytesPool& Pipeline::buffers() noexcept {
  return parts_->buffers;
}

Load Pipeline::load() const {
  return parts_->scheduler.load();
}

}  // namespace storysign::pipeline
