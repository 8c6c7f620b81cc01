// What each network costs: CPU time of one inference (of the whole process, so that helper threads
// of the runtime count too), and the time to verify, load, compile and warm it up. Run one network:
// --benchmark_filter=hand_landmark_full. The models are looked for in STORYSIGN_MODELS_DIR of the
// environment, else where `make setup` unpacked them.

#include "engine/models.hpp"
#include "engine/network.hpp"
#include "engine/openvino_engine.hpp"

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace storysign::bench {
namespace {

using engine::Engine;
using engine::Model;
using engine::Network;

constexpr std::string_view kSegmentation = "Identity_2";

std::string model_folder() {
  const char* const named = std::getenv("STORYSIGN_MODELS_DIR");  // NOLINT(concurrency-mt-unsafe)
  return named != nullptr ? named : STORYSIGN_MODELS_DIR;
}

std::unique_ptr<Engine> make_engine(engine::OpenVinoOptions options = {}) {
  options.model_folder = model_folder();
  base::Result<std::unique_ptr<Engine>> made = engine::make_openvino_engine(options);
  return made ? std::move(*made) : nullptr;
}

bool is_pose_landmark(Model model) {
  return model == Model::kPoseLandmarkLite || model == Model::kPoseLandmarkFull ||
         model == Model::kPoseLandmarkHeavy;
}

std::vector<std::string_view> output_names(Model model, bool segmentation) {
  std::vector<std::string_view> names;
  for (const engine::OutputInfo& output : engine::model_info(model).outputs) {
    if (segmentation || !is_pose_landmark(model) || output.name != kSegmentation) {
      names.push_back(output.name);
    }
  }
  return names;
}

/// Noise between 0 and 1, the same in every run: zeros would be kinder to the caches of denormals
/// than a picture is.
void fill(std::span<float> input) {
  std::uint32_t state = 1;
  for (float& value : input) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state >> 8U) / static_cast<float>(1U << 24U);
  }
}

std::unique_ptr<Network> make_network(Engine& engine, Model model, bool segmentation,
                                      benchmark::State& state) {
  base::Result<std::unique_ptr<Network>> made =
      engine.create(model, output_names(model, segmentation));
  if (!made) {
    state.SkipWithError(made.error().message.c_str());
    return nullptr;
  }
  fill((*made)->input());
  return std::move(*made);
}

void infer(benchmark::State& state, Network& network) {
  for (auto _ : state) {
    if (const base::Result<void> done = network.infer(); !done) {
      state.SkipWithError(done.error().message.c_str());
      return;
    }
    benchmark::DoNotOptimize(network.output(0).data());
  }
}

void infer_one(benchmark::State& state, Model model, bool segmentation,
               bool choose_kernels = true) {
  const std::unique_ptr<Engine> engine = make_engine({.choose_kernels = choose_kernels});
  if (engine == nullptr) {
    state.SkipWithError("OpenVINO cannot start.");
    return;
  }
  const std::unique_ptr<Network> network = make_network(*engine, model, segmentation, state);
  if (network != nullptr) {
    infer(state, *network);
  }
}

/// In bfloat16, where this CPU computes in it.
void infer_quick(benchmark::State& state, Model model) {
  const std::unique_ptr<Engine> engine = make_engine();
  if (engine == nullptr) {
    state.SkipWithError("OpenVINO cannot start.");
    return;
  }
  base::Result<std::unique_ptr<Network>> network =
      engine->create_quick(model, output_names(model, false));
  if (!network || *network == nullptr) {
    state.SkipWithError(network ? "This CPU does not compute in bfloat16."
                                : network.error().message.c_str());
    return;
  }
  fill((*network)->input());
  infer(state, **network);
}

/// The hand's network while a second worker runs it too: with a compiled model for each worker, and
/// with one shared. The CPU time is that of two inferences.
void infer_beside(benchmark::State& state, int own_models) {
  const std::unique_ptr<Engine> engine = make_engine({.workers = 2, .own_models = own_models});
  if (engine == nullptr) {
    state.SkipWithError("OpenVINO cannot start.");
    return;
  }
  const auto mine = make_network(*engine, Model::kHandLandmarkFull, false, state);
  const auto others = make_network(*engine, Model::kHandLandmarkFull, false, state);
  if (mine == nullptr || others == nullptr) {
    return;
  }
  std::atomic<bool> ends = false;
  std::thread other([&] {
    while (!ends && others->infer()) {
    }
  });
  for (auto _ : state) {
    if (const base::Result<void> done = mine->infer(); !done) {
      state.SkipWithError(done.error().message.c_str());
      break;
    }
  }
  ends = true;
  other.join();
}

void load_one(benchmark::State& state, Model model, bool segmentation) {
  for (auto _ : state) {
    state.PauseTiming();
    std::unique_ptr<Engine> engine = make_engine();
    if (engine == nullptr) {
      state.SkipWithError("OpenVINO cannot start.");
      return;
    }
    state.ResumeTiming();
    std::unique_ptr<Network> network = make_network(*engine, model, segmentation, state);
    if (network == nullptr) {
      return;
    }
    state.PauseTiming();
    network.reset();
    engine.reset();
    state.ResumeTiming();
  }
}

/// The networks of one frame of the reference schedule with body, hands and face in view, one after
/// the other: each finds the caches full of the others' weights, as in the program.
void frame(benchmark::State& state, Model pose) {
  const std::unique_ptr<Engine> engine = make_engine();
  if (engine == nullptr) {
    state.SkipWithError("OpenVINO cannot start.");
    return;
  }
  std::vector<std::unique_ptr<Network>> networks;
  for (const Model model :
       {pose, Model::kHandRecrop, Model::kHandLandmarkFull, Model::kHandRecrop,
        Model::kHandLandmarkFull, Model::kFaceDetectionShortRange, Model::kFaceLandmark}) {
    networks.push_back(make_network(*engine, model, false, state));
    if (networks.back() == nullptr) {
      return;
    }
  }
  for (auto _ : state) {
    for (const std::unique_ptr<Network>& network : networks) {
      if (const base::Result<void> done = network->infer(); !done) {
        state.SkipWithError(done.error().message.c_str());
        return;
      }
    }
  }
}

void add(const std::string& name, Model model, bool segmentation) {
  benchmark::RegisterBenchmark(("infer/" + name).c_str(), infer_one, model, segmentation, true)
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark(("load/" + name).c_str(), load_one, model, segmentation)
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Iterations(3)
      ->Unit(benchmark::kMillisecond);
}

void register_all() {
  for (const engine::ModelInfo& info : engine::all_models()) {
    add(std::string(info.name), info.model, false);
    if (is_pose_landmark(info.model)) {
      add(std::string(info.name) + "_segmentation", info.model, true);
    }
  }
  for (const Model pose : {Model::kPoseLandmarkLite, Model::kPoseLandmarkFull}) {
    const std::string name = "frame/" + std::string(engine::model_info(pose).name);
    benchmark::RegisterBenchmark(name.c_str(), frame, pose)
        ->MeasureProcessCPUTime()
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
  // With --benchmark_enable_random_interleaving=true --benchmark_repetitions=9 the two of a pair
  // meet the same machine.
  for (const engine::ModelInfo& info : engine::all_models()) {
    for (const bool chosen : {true, false}) {
      const std::string name =
          "kernels/" + std::string(info.name) + (chosen ? "/blocked" : "/default");
      benchmark::RegisterBenchmark(name.c_str(), infer_one, info.model, false, chosen)
          ->MeasureProcessCPUTime()
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  for (const bool is_quick : {true, false}) {
    const std::string name =
        std::string("precision/hand_landmark_full/") + (is_quick ? "bfloat16" : "float32");
    (is_quick ? benchmark::RegisterBenchmark(name.c_str(), infer_quick, Model::kHandLandmarkFull)
              : benchmark::RegisterBenchmark(name.c_str(), infer_one, Model::kHandLandmarkFull,
                                             false, true))
        ->MeasureProcessCPUTime()
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
  for (const int own_models : {16, 0}) {
    const std::string name = std::string("beside/") + (own_models > 0 ? "own" : "shared");
    benchmark::RegisterBenchmark(name.c_str(), infer_beside, own_models)
        ->MeasureProcessCPUTime()
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace
}  // namespace storysign::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 2;
  }
  storysign::bench::register_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
