// Runs the tracker over raw frames on command and reports the CPU time of it, for
// bench/vs_peers/run.py and for whoever wants to know where the time goes. Prints one JSON line
// per command read from standard input:
//   FILE WIDTH HEIGHT    one pass over a file of packed RGB frames, with a fresh tracker
// usage: tracker_worker MODELS COMPLEXITY [holistic|hands|auto] [reference|PROFILE]

#include "adapt/profile.hpp"
#include "base/clock.hpp"
#include "base/image.hpp"
#include "engine/openvino_engine.hpp"
#include "flow/lucas_kanade.hpp"
#include "session/pace.hpp"
#include "vision/tracker.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace {

namespace adapt = storysign::adapt;
namespace base = storysign::base;
namespace engine = storysign::engine;
namespace flow = storysign::flow;
namespace session = storysign::session;
namespace vision = storysign::vision;
using std::chrono::nanoseconds;

constexpr std::chrono::microseconds kFrameInterval{33333};

nanoseconds thread_cpu_time() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

struct ModelCost {
  std::int64_t calls = 0;
  nanoseconds cpu{0};
};
using Costs = std::array<ModelCost, engine::kModelCount>;

/// Counts the calls of a network and the CPU time that they take in the calling thread.
class TimedNetwork final : public engine::Network {
 public:
  TimedNetwork(std::unique_ptr<engine::Network> inner, ModelCost& cost)
      : inner_(std::move(inner)), cost_(cost) {}
  std::span<float> input() noexcept override { return inner_->input(); }
  base::Result<void> infer() override {
    const nanoseconds before = thread_cpu_time();
    auto done = inner_->infer();
    cost_.cpu += thread_cpu_time() - before;
    ++cost_.calls;
    return done;
  }
  [[nodiscard]] std::span<const float> output(std::size_t index) const noexcept override {
    return inner_->output(index);
  }

 private:
  std::unique_ptr<engine::Network> inner_;
  ModelCost& cost_;
};

class TimedEngine final : public engine::Engine {
 public:
  explicit TimedEngine(engine::Engine& inner) : inner_(inner) {}
  base::Result<std::unique_ptr<engine::Network>> create(
      engine::Model model, std::span<const std::string_view> outputs) override {
    return timed(inner_.create(model, outputs), model);
  }
  base::Result<std::unique_ptr<engine::Network>> create_quick(
      engine::Model model, std::span<const std::string_view> outputs) override {
    return timed(inner_.create_quick(model, outputs), model);
  }
  [[nodiscard]] std::string_view device() const noexcept override { return inner_.device(); }
  [[nodiscard]] Costs& costs() noexcept { return costs_; }

 private:
  base::Result<std::unique_ptr<engine::Network>> timed(
      base::Result<std::unique_ptr<engine::Network>> network, engine::Model model) {
    if (!network || *network == nullptr) return network;
    return std::make_unique<TimedNetwork>(std::move(*network),
                                          costs_[static_cast<std::size_t>(model)]);
  }

  engine::Engine& inner_;
  Costs costs_{};
};

double milliseconds(nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

std::string describe(const Costs& costs, int frames) {
  std::string text;
  for (const engine::ModelInfo& info : engine::all_models()) {
    const ModelCost& cost = costs[static_cast<std::size_t>(info.model)];
    if (cost.calls > 0) {
      text +=
          fmt::format(R"({}"{}":{{"calls_per_frame":{:.3f},"ms_per_call":{:.3f}}})",
                      text.empty() ? "" : ",", info.name, static_cast<double>(cost.calls) / frames,
                      milliseconds(cost.cpu) / static_cast<double>(cost.calls));
    }
  }
  return text;
}

base::Result<std::string> run_file(const std::string& path, int width, int height,
                                   const vision::TrackerOptions& options,
                                   std::optional<vision::Pace> pace, TimedEngine& engine,
                                   vision::Networks& networks) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return base::fail(base::ErrorCode::kNotFound, "cannot read " + path);
  }
  base::Image image(width, height);
  const base::MutableImageView pixels = image.mutable_view();
  vision::HolisticTracker tracker(options, pace ? flow::make_lucas_kanade() : nullptr);
  base::GrayImage gray;
  engine.costs() = {};
  nanoseconds cpu{0};
  nanoseconds wall{0};
  int frames = 0;
  while (file.read(reinterpret_cast<char*>(pixels.data),
                   static_cast<std::streamsize>(image.size_bytes()))) {
    const nanoseconds cpu_before = base::process_cpu_time();
    const base::SteadyTime before = base::steady_now();
    ++frames;
    vision::ColourPicture picture(image.view(), gray);
    const auto found = pace
                           ? tracker.process_fast(picture, frames * kFrameInterval, networks, *pace)
                           : tracker.process(image.view(), frames * kFrameInterval, networks);
    wall += base::steady_now() - before;
    cpu += base::process_cpu_time() - cpu_before;
    if (!found) {
      return tl::unexpected(found.error());
    }
  }
  if (frames == 0) {
    return base::fail(base::ErrorCode::kInvalidInput, "no whole frame in " + path);
  }
  nanoseconds networks_cpu{0};
  for (const ModelCost& cost : engine.costs()) {
    networks_cpu += cost.cpu;
  }
  return fmt::format(R"({{"frames":{},"cpu_ms_per_frame":{:.4f},"wall_ms_per_frame":{:.4f},)"
                     R"("networks_ms_per_frame":{:.4f},"networks":{{{}}}}})",
                     frames, milliseconds(cpu) / frames, milliseconds(wall) / frames,
                     milliseconds(networks_cpu) / frames, describe(engine.costs(), frames));
}

int run(std::span<char*> arguments) {
  if (arguments.size() < 3) {
    std::cerr << "usage: tracker_worker MODELS COMPLEXITY [holistic|hands|auto] "
                 "[reference|high_quality|balanced|high_performance|ultra_performance]\n";
    return 2;
  }
  vision::TrackerOptions options;
  options.complexity = std::atoi(arguments[2]);
  const std::string tracker = arguments.size() > 3 ? arguments[3] : "holistic";
  options.tracker = tracker == "hands"  ? vision::TrackerKind::kHands
                    : tracker == "auto" ? vision::TrackerKind::kAuto
                                        : vision::TrackerKind::kHolistic;
  std::optional<vision::Pace> pace;
  if (const std::string profile = arguments.size() > 4 ? arguments[4] : "reference";
      profile != "reference") {
    const auto known = adapt::parse_profile(profile);
    if (!known) {
      std::cerr << "there is no profile " << profile << "\n";
      return 2;
    }
    pace = session::pace_of(*known, adapt::settings_of(*known).frame_skip);
    options.quick_hands = true;
  }
  engine::OpenVinoOptions engine_options;
  engine_options.model_folder = arguments[1];
  const auto openvino = engine::make_openvino_engine(engine_options);
  if (!openvino) {
    std::cerr << openvino.error().message << "\n";
    return 2;
  }
  TimedEngine engine(**openvino);
  const auto networks = vision::Networks::create(engine, options);
  if (!networks) {
    std::cerr << networks.error().message << "\n";
    return 2;
  }
  std::string path;
  int width = 0;
  int height = 0;
  while (std::cin >> path >> width >> height) {
    const auto line = run_file(path, width, height, options, pace, engine, **networks);
    if (!line) {
      std::cerr << line.error().message << "\n";
      return 2;
    }
    std::cout << *line << std::endl;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run({argv, static_cast<std::size_t>(argc)});
}
