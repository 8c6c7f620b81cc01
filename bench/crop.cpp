// The crops of one frame: vectorised against plain, for the sizes that the networks take.

#include "vision/crop.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

namespace base = storysign::base;
namespace vision = storysign::vision;

base::Image make_picture() {
  base::Image image(640, 480);
  std::uint8_t* data = image.mutable_view().data;
  for (std::size_t i = 0; i < image.size_bytes(); ++i) {
    data[i] = static_cast<std::uint8_t>(i * 31U >> 3U);
  }
  return image;
}

template <auto Crop>
void run(benchmark::State& state, const vision::Roi& roi) {
  const base::Image image = make_picture();
  const int side = static_cast<int>(state.range(0));
  std::vector<float> tensor(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
  for (auto _ : state) {
    Crop(image.view(), roi, side, vision::Border::kReplicate, vision::kUnitRange, tensor);
    benchmark::DoNotOptimize(tensor.data());
  }
}

constexpr vision::Roi kInside{320.0, 240.0, 260.0, 260.0, 0.3};
constexpr vision::Roi kAcrossTheEdge{600.0, 400.0, 260.0, 260.0, 0.3};

void vectorised(benchmark::State& state) {
  run<vision::crop>(state, kInside);
}
void vectorised_at_the_edge(benchmark::State& state) {
  run<vision::crop>(state, kAcrossTheEdge);
}
void plain(benchmark::State& state) {
  run<vision::crop_plain>(state, kInside);
}

BENCHMARK(vectorised)->Arg(128)->Arg(192)->Arg(224)->Arg(256)->Unit(benchmark::kMicrosecond);
BENCHMARK(vectorised_at_the_edge)->Arg(224)->Unit(benchmark::kMicrosecond);
BENCHMARK(plain)->Arg(128)->Arg(192)->Arg(224)->Arg(256)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
