#pragma once

#include "base/pool.hpp"
#include "pipeline/frame_processor.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/scheduler.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <memory>
#include <string_view>

namespace storysign::pipeline {

/// What all workers share. Outlives them.
struct Workshop {
  const PipelineOptions& options;
  Scheduler& scheduler;
  base::Pool<FrameResult>& results;
  telemetry::Metrics& metrics;
  telemetry::RepeatLimit& log_limit;
};

/// One computing thread: takes a frame or a part, does it, delivers it, and goes on whatever
/// happened. Owned by the pipeline; run() by its thread.
class Worker {
 public:
  /// `number` is its own from 0 on: the scheduler lets those with the highest go first.
  Worker(const Workshop& shop, std::unique_ptr<FrameProcessor> processor, int number);

  /// Works until the scheduler says stop.
  void run() noexcept;

 private:
  void do_frame(Work& work);
  void compute(const Work& work, FrameResult& result) noexcept;
  void broke(std::string_view why, ChannelState& channel, FrameResult& result) noexcept;
  void count(const FrameResult& result) noexcept;

  // Given.
  Workshop shop_;
  int number_;
  // Owned.
  std::unique_ptr<FrameProcessor> processor_;
  // State.
  Frames dropped_;
};

}  // namespace storysign::pipeline
