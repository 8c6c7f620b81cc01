// JPEG in and out: ms and bytes per strategy and size, decoding at full and half size and in two
// steps, and the gate. bench_codec [--picture=FILE.jpg] [Google Benchmark's options]; without a
// file, a synthetic picture with a photo's texture. To compare, in turns:
// --benchmark_enable_random_interleaving=true --benchmark_repetitions=15
// --benchmark_report_aggregates_only=true

#include "base/half_gray.hpp"
#include "base/image.hpp"
#include "codec/decoder.hpp"
#include "codec/encoder.hpp"
#include "codec/gate.hpp"
#include "codec/planes.hpp"
#include "unit/codec/pictures.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace storysign {
namespace {

struct Size {
  int width;
  int height;
};

constexpr std::array<Size, 3> kSizes{{{320, 240}, {640, 480}, {1280, 720}}};
constexpr int kCameraQuality = 80;  // What browsers use for a canvas, roughly.

struct Picture {
  std::string name;
  base::Image image;
  std::vector<std::uint8_t> jpeg;
  codec::JpegHeader header;
};

std::vector<std::uint8_t> camera_jpeg(const base::Image& image) {
  codec::JpegEncoder encoder;
  const auto encoded = encoder.encode(
      image.view(), {.strategy = codec::CompressionStrategy::kFast, .quality = kCameraQuality});
  return {encoded.value().bytes.begin(), encoded.value().bytes.end()};
}

std::string name_of(const base::Image& image) {
  return std::to_string(image.width()) + "x" + std::to_string(image.height());
}

void run_encode(benchmark::State& state, const base::Image& image,
                codec::CompressionStrategy strategy) {
  codec::JpegEncoder encoder;
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = encoder.encode(image.view(), {.strategy = strategy}).value().bytes.size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

void run_decode(benchmark::State& state, const Picture& picture,
                const codec::DecodeOptions& options) {
  codec::JpegDecoder decoder;
  base::Image out;
  for (auto _ : state) {
    if (!decoder.decode(picture.jpeg, picture.header, out, options)) state.SkipWithError("decode");
  }
  state.counters["bytes"] = static_cast<double>(picture.jpeg.size());
}

void run_decode_gray(benchmark::State& state, const Picture& picture, int eighths) {
  codec::JpegDecoder decoder;
  base::GrayImage out;
  for (auto _ : state) {
    if (!decoder.decode_gray(picture.jpeg, picture.header, out, {.eighths = eighths})) {
      state.SkipWithError("decode");
    }
  }
  state.counters["bytes"] = static_cast<double>(picture.jpeg.size());
}

/// What a frame costs a tracker that looks at brightness at half size, and mostly at nothing else.
enum class Steps : std::uint8_t { kPlanes, kHalf, kColours, kHalfAndColours };

void run_planes(benchmark::State& state, const Picture& picture, Steps steps) {
  codec::JpegDecoder decoder;
  codec::YuvPlanes planes;
  base::GrayImage half;
  base::Image colours;
  const bool wants_half = steps == Steps::kHalf || steps == Steps::kHalfAndColours;
  const bool wants_colours = steps == Steps::kColours || steps == Steps::kHalfAndColours;
  for (auto _ : state) {
    if (!decoder.decode_planes(picture.jpeg, picture.header, planes)) state.SkipWithError("decode");
    if (wants_half) base::half_gray(planes.brightness(), half);
    if (wants_colours && !decoder.planes_to_rgb(planes, colours)) state.SkipWithError("colours");
  }
  if (!wants_colours) return;
  base::Image whole;
  if (!decoder.decode(picture.jpeg, picture.header, whole)) state.SkipWithError("decode");
  double sum = 0.0;
  int most = 0;
  for (std::size_t i = 0; i < whole.size_bytes(); ++i) {
    const int difference = std::abs(whole.view().data[i] - colours.view().data[i]);
    sum += difference;
    most = std::max(most, difference);
  }
  state.counters["mean_difference"] = sum / static_cast<double>(whole.size_bytes());
  state.counters["max_difference"] = most;
}

/// The other way to the same two: the JPEG twice.
void run_gray_and_colours(benchmark::State& state, const Picture& picture) {
  codec::JpegDecoder decoder;
  base::GrayImage half;
  base::Image colours;
  for (auto _ : state) {
    if (!decoder.decode_gray(picture.jpeg, picture.header, half, {.eighths = 4}) ||
        !decoder.decode(picture.jpeg, picture.header, colours)) {
      state.SkipWithError("decode");
    }
  }
}

void run_gate(benchmark::State& state, const Picture& picture) {
  for (auto _ : state) benchmark::DoNotOptimize(codec::check_jpeg(picture.jpeg));
  state.counters["bytes"] = static_cast<double>(picture.jpeg.size());
}

void register_picture(const Picture& picture) {
  for (const auto strategy :
       {codec::CompressionStrategy::kUltraFast, codec::CompressionStrategy::kFast,
        codec::CompressionStrategy::kBalanced, codec::CompressionStrategy::kQuality}) {
    const std::string name =
        "encode/" + std::string(codec::strategy_name(strategy)) + "/" + picture.name;
    benchmark::RegisterBenchmark(name.c_str(), [&picture, strategy](benchmark::State& state) {
      run_encode(state, picture.image, strategy);
    })->Unit(benchmark::kMillisecond);
  }
  struct Case {
    const char* name;
    codec::DecodeOptions options;
  };
  for (const Case& item :
       {Case{"full", {}}, Case{"half", {.eighths = 4}}, Case{"full_fast", {.fast = true}}}) {
    const std::string name = "decode/" + std::string(item.name) + "/" + picture.name;
    benchmark::RegisterBenchmark(name.c_str(), [&picture,
                                                options = item.options](benchmark::State& state) {
      run_decode(state, picture, options);
    })->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark(
      ("decode/gray_half/" + picture.name).c_str(),
      [&picture](benchmark::State& state) { run_decode_gray(state, picture, 4); })
      ->Unit(benchmark::kMillisecond);
  struct TwoSteps {
    const char* name;
    Steps steps;
  };
  for (const TwoSteps& item :
       {TwoSteps{"planes", Steps::kPlanes}, TwoSteps{"planes+half", Steps::kHalf},
        TwoSteps{"planes+rgb", Steps::kColours},
        TwoSteps{"planes+half+rgb", Steps::kHalfAndColours}}) {
    benchmark::RegisterBenchmark(("decode/" + std::string(item.name) + "/" + picture.name).c_str(),
                                 [&picture, steps = item.steps](benchmark::State& state) {
                                   run_planes(state, picture, steps);
                                 })
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark(
      ("decode/gray_half+full/" + picture.name).c_str(),
      [&picture](benchmark::State& state) { run_gray_and_colours(state, picture); })
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark(("gate/" + picture.name).c_str(), [&picture](
                                                                     benchmark::State& state) {
    run_gate(state, picture);
  })->Unit(benchmark::kMicrosecond);
}

/// The picture named on the command line, or the synthetic ones; exits with a sentence if the file
/// is no good.
std::vector<Picture> pictures(const std::string& file) {
  std::vector<Picture> out;
  if (file.empty()) {
    for (const Size& size : kSizes) {
      Picture picture;
      picture.image = codec::testing::photo_like(size.width, size.height);
      picture.jpeg = camera_jpeg(picture.image);
      out.push_back(std::move(picture));
    }
  } else {
    Picture picture;
    picture.jpeg = codec::testing::read_file(file);
    const auto header = codec::check_jpeg(picture.jpeg, codec::file_gate_limits());
    codec::JpegDecoder decoder;
    if (!header || !decoder.decode(picture.jpeg, *header, picture.image)) return {};
    out.push_back(std::move(picture));
  }
  for (Picture& picture : out) {
    picture.name = name_of(picture.image);
    picture.header = codec::check_jpeg(picture.jpeg, codec::file_gate_limits()).value();
  }
  return out;
}

}  // namespace
}  // namespace storysign

int main(int argc, char** argv) {
  constexpr std::string_view kFlag = "--picture=";
  std::string file;
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(kFlag)) {
      file = argument.substr(kFlag.size());
    } else {
      rest.push_back(argv[i]);
    }
  }
  const std::vector<storysign::Picture> pictures = storysign::pictures(file);
  if (pictures.empty()) {
    std::fprintf(stderr, "%s cannot be read as a JPEG; name another file.\n", file.c_str());
    return 2;
  }
  for (const storysign::Picture& picture : pictures) storysign::register_picture(picture);
  int count = static_cast<int>(rest.size());
  rest.push_back(nullptr);
  benchmark::Initialize(&count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(count, rest.data())) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
