// Reading the letter of one hand, and the speller on top of it. bench_letters [Google Benchmark's
// options].

#include "practice/letters.hpp"

#include "engine/openvino_engine.hpp"
#include "practice/letter_features.hpp"
#include "practice/spelling.hpp"
#include "unit/practice/hand_shapes.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>

namespace storysign::practice {
namespace {

constexpr float kAspect = 4.0F / 3.0F;

void features(benchmark::State& state) {
  const vision::Hand hand = test::HandShapes().hand('K', kAspect);
  std::array<float, kLetterFeatures> out{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(letter_features(hand, kAspect, false, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(features)->Unit(benchmark::kMicrosecond);

void read_hand(benchmark::State& state) {
  auto engine = engine::make_openvino_engine({.model_folder = "/nowhere", .workers = 1});
  auto reader = engine ? LetterReader::create(**engine) : tl::unexpected(engine.error());
  if (!reader) {
    state.SkipWithError(reader.error().message.c_str());
    return;
  }
  const vision::Hand hand = test::HandShapes().hand('K', kAspect);
  for (auto _ : state) {
    auto reading = (*reader)->read(hand, kAspect, false);
    benchmark::DoNotOptimize(reading);
  }
}
BENCHMARK(read_hand)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMicrosecond);

/// The dearest letter: the movement of the last seconds is looked through at every frame.
void speller(benchmark::State& state) {
  const vision::Hand hand = test::HandShapes().hand('I', kAspect);
  const LetterReading reading{.top = {{{'I', 0.9F}, {'J', 0.05F}, {'Y', 0.01F}}}, .is_sure = true};
  Speller spelling("J");
  std::chrono::microseconds time{};
  for (auto _ : state) {
    spelling.on_hand(&reading, &hand, kAspect, time += std::chrono::milliseconds(16));
    benchmark::DoNotOptimize(spelling.hold());
  }
}
BENCHMARK(speller)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace storysign::practice
BENCHMARK_MAIN();
