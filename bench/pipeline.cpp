// The latency of one session's frames, with and without parts shared among workers: two pipelines
// on one engine take turns, a pass over the clip each, so that both meet the same machine. Prints
// one JSON line: the median latency of a frame in milliseconds for each, the ratio of the two pass
// by pass, and the spread of both (10th and 90th percentile). usage: bench_pipeline MODELS CLIP
// [COMPLEXITY] [WORKERS] [PASSES] [landmarks|picture]

#include "pipeline/pipeline.hpp"

#include "base/clock.hpp"
#include "codec/encoder.hpp"
#include "engine/openvino_engine.hpp"
#include "support/clip.hpp"
#include "support/latest_result.hpp"
#include "telemetry/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace base = storysign::base;
namespace codec = storysign::codec;
namespace engine = storysign::engine;
namespace pipeline = storysign::pipeline;
namespace telemetry = storysign::telemetry;

constexpr std::chrono::microseconds kFrameInterval{33333};
constexpr int kCaptureQuality = 80;

/// One of the two things compared.
struct Contender {
  telemetry::Metrics metrics;
  std::unique_ptr<pipeline::Pipeline> line;
  std::vector<double> latencies;  ///< Of all frames, milliseconds.
  std::vector<double> passes;     ///< The median of each pass.
};

double at(std::vector<double> values, double q) {
  std::ranges::sort(values);
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(q * static_cast<double>(values.size())))];
}

base::Result<void> run_pass(const std::vector<base::Bytes>& jpegs, pipeline::Wish wish,
                            Contender& contender) {
  const auto latest = std::make_shared<storysign::test::LatestResult>();
  const auto channel = contender.line->open(latest);
  std::vector<double> latencies;
  for (std::size_t i = 0; i < jpegs.size(); ++i) {
    pipeline::Frame frame;
    frame.buffer = contender.line->buffers().take();
    frame.buffer->assign(jpegs[i].begin(), jpegs[i].end());
    frame.track_time = (i + 1) * kFrameInterval;
    frame.wish = wish;
    const base::SteadyTime sent = base::steady_now();
    frame.received = sent;
    channel->submit(std::move(frame));
    const pipeline::ResultLease result = latest->wait();
    const std::chrono::duration<double, std::milli> latency = base::steady_now() - sent;
    if (result->outcome != pipeline::Outcome::kInferred) {
      return base::fail(base::ErrorCode::kInternal, result->error);
    }
    latencies.push_back(latency.count());
  }
  contender.passes.push_back(at(latencies, 0.5));
  contender.latencies.insert(contender.latencies.end(), latencies.begin(), latencies.end());
  return {};
}

base::Result<std::vector<base::Bytes>> read_jpegs(const std::string& path) {
  auto images = storysign::test::read_clip(path);
  if (!images) return tl::unexpected(std::move(images).error());
  codec::JpegEncoder encoder;
  std::vector<base::Bytes> jpegs;
  for (const base::Image& image : *images) {
    const auto jpeg = encoder.encode(image.view(), {.quality = kCaptureQuality});
    if (!jpeg) return tl::unexpected(jpeg.error());
    jpegs.emplace_back(jpeg->bytes.begin(), jpeg->bytes.end());
  }
  return jpegs;
}

std::string describe(const Contender& contender) {
  return fmt::format(R"({{"p10":{:.2f},"median":{:.2f},"p90":{:.2f},"parts_shared":{}}})",
                     at(contender.latencies, 0.1), at(contender.latencies, 0.5),
                     at(contender.latencies, 0.9),
                     contender.metrics.snapshot().value(telemetry::Counter::kPartsShared));
}

base::Result<std::string> run(std::span<char*> arguments) {
  const auto number = [&](std::size_t place, int otherwise) {
    return arguments.size() > place ? std::atoi(arguments[place]) : otherwise;
  };
  const int workers = number(4, 2);
  const int passes = number(5, 6);
  const pipeline::Wish wish{
      .landmarks = true, .picture = arguments.size() > 6 && std::string(arguments[6]) == "picture"};
  const auto jpegs = read_jpegs(arguments[2]);
  if (!jpegs) return tl::unexpected(jpegs.error());
  const auto networks =
      engine::make_openvino_engine({.model_folder = arguments[1], .workers = workers});
  if (!networks) return tl::unexpected(networks.error());

  std::array<Contender, 2> contenders;  // Alone, shared.
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    pipeline::PipelineOptions options;
    options.workers = workers;
    options.max_wait = std::chrono::seconds(10);
    options.tracker.complexity = number(3, 0);
    options.parallel_parts = i == 1;
    options.metrics = &contenders[i].metrics;
    auto line = pipeline::Pipeline::create(**networks, options);
    if (!line) return tl::unexpected(std::move(line).error());
    contenders[i].line = std::move(*line);
  }
  for (int pass = 0; pass < passes; ++pass) {
    for (Contender& contender : contenders) {
      if (auto done = run_pass(*jpegs, wish, contender); !done) {
        return tl::unexpected(std::move(done).error());
      }
    }
  }
  std::vector<double> ratios;
  ratios.reserve(contenders[0].passes.size());
  for (std::size_t i = 0; i < contenders[0].passes.size(); ++i) {
    ratios.push_back(contenders[1].passes[i] / contenders[0].passes[i]);
  }
  return fmt::format(
      R"({{"frames":{},"passes":{},"workers":{},"alone":{},"shared":{},"ratio":{{"min":{:.3f},"median":{:.3f},"max":{:.3f}}}}})",
      jpegs->size(), passes, workers, describe(contenders[0]), describe(contenders[1]),
      at(ratios, 0.0), at(ratios, 0.5), at(ratios, 1.0));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: bench_pipeline MODELS CLIP [COMPLEXITY] [WORKERS] [PASSES] "
                 "[landmarks|picture]\n";
    return 2;
  }
  const auto line = run({argv, static_cast<std::size_t>(argc)});
  std::cerr << (line ? "" : line.error().message + "\n");
  std::cout << line.value_or("") << "\n";
  return line ? 0 : 2;
}
