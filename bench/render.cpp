// Drawing of a whole person and the background blur, per picture size. bench_render [Google
// Benchmark's options].

#include "base/image.hpp"
#include "render/blur.hpp"
#include "render/overlay.hpp"
#include "unit/render/people.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

namespace storysign::render {
namespace {

void sizes(benchmark::internal::Benchmark* bench) {
  bench->Unit(benchmark::kMillisecond)
      ->ArgNames({"width", "height"})
      ->Args({320, 240})
      ->Args({640, 480})
      ->Args({1280, 720});
}

void overlay(benchmark::State& state) {
  base::Image image =
      testing::plain(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const vision::FrameLandmarks landmarks = testing::person();
  const OverlayRenderer renderer;
  for (auto _ : state) {
    renderer.draw(landmarks, image.mutable_view());
    benchmark::DoNotOptimize(image.mutable_view().data);
  }
}
BENCHMARK(overlay)->Apply(sizes);

void plain_ground(benchmark::State& state) {
  base::Image image(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  for (auto _ : state) {
    fill(image.mutable_view(), kPlainGround);
    benchmark::DoNotOptimize(image.mutable_view().data);
  }
}
BENCHMARK(plain_ground)->Apply(sizes);

/// A third of the picture is the person, with a soft border.
void background_blur(benchmark::State& state) {
  const auto width = static_cast<int>(state.range(0));
  const auto height = static_cast<int>(state.range(1));
  base::Image image = testing::plain(width, height);
  std::vector<float> mask;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const float side = 6.0F * static_cast<float>(x) / static_cast<float>(width) - 2.0F;
      mask.push_back(std::clamp(std::min(side, 2.0F - side) * 4.0F, 0.0F, 1.0F));
    }
  }
  BackgroundBlur blur;
  for (auto _ : state) {
    const auto done = blur.apply(image.mutable_view(), {mask.data(), width, height});
    if (!done) state.SkipWithError("blur");
    benchmark::DoNotOptimize(image.mutable_view().data);
  }
}
BENCHMARK(background_blur)->Apply(sizes);

}  // namespace
}  // namespace storysign::render

BENCHMARK_MAIN();
