#pragma once

#include "base/image.hpp"
#include "codec/encoder.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace storysign::codec::testing {

/// Smooth random texture in -1..1: random values on a lattice, interpolated.
inline double texture(double x, double y, std::uint32_t seed) {
  const auto at = [seed](int i, int j) {
    std::uint32_t h = static_cast<std::uint32_t>(i) * 374761393U +
                      static_cast<std::uint32_t>(j) * 668265263U + seed * 2246822519U;
    h = (h ^ (h >> 13U)) * 1274126177U;
    return static_cast<double>((h ^ (h >> 16U)) & 0xFFFFU) / 32767.5 - 1.0;
  };
  const int i = static_cast<int>(std::floor(x));
  const int j = static_cast<int>(std::floor(y));
  const double fx = x - i;
  const double fy = y - j;
  return std::lerp(std::lerp(at(i, j), at(i + 1, j), fx),
                   std::lerp(at(i, j + 1), at(i + 1, j + 1), fx), fy);
}

/// A picture with what photos have: soft gradients, shapes with edges, texture, and sensor noise.
/// The same every time.
inline base::Image photo_like(int width, int height) {
  base::Image image(width, height);
  const base::MutableImageView view = image.mutable_view();
  std::minstd_rand random(7);
  std::uniform_int_distribution<int> noise(-3, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double u = static_cast<double>(x) / width;
      const double v = static_cast<double>(y) / height;
      const bool head = std::hypot(u - 0.5, (v - 0.4) * 0.8) < 0.16;
      const bool body = std::hypot((u - 0.5) * 0.8, v - 1.05) < 0.42;
      const double stripes = 10.0 * std::sin(u * 40.0 * std::numbers::pi);
      const double cloth = 14.0 * texture(x / 19.0, y / 19.0, 1) +
                           10.0 * texture(x / 7.0, y / 7.0, 2) + 6.0 * texture(x / 3.0, y / 3.0, 3);
      double red = 150.0 + 60.0 * v + stripes;
      double green = 160.0 - 50.0 * u;
      double blue = 140.0 + 30.0 * std::sin(6.0 * v);
      if (body) {
        red = 60.0 + 20.0 * std::sin(90.0 * v + 30.0 * u);
        green = 80.0;
        blue = 130.0 - 40.0 * v;
      }
      if (head) {
        red = 214.0 - 90.0 * std::abs(u - 0.45);
        green = 166.0 - 80.0 * std::abs(u - 0.45);
        blue = 140.0 - 60.0 * v;
      }
      std::uint8_t* pixel = view.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
      const double grain = noise(random) + cloth * (head ? 0.3 : 1.0);
      const double channels[3] = {red, green, blue};
      for (int c = 0; c < 3; ++c) {
        pixel[c] = static_cast<std::uint8_t>(std::clamp(channels[c] + grain, 0.0, 255.0));
      }
    }
  }
  return image;
}

/// photo_like() as a JPEG of its own bytes.
inline std::vector<std::uint8_t> photo_jpeg(
    int width, int height, CompressionStrategy strategy = CompressionStrategy::kFast,
    int quality = 90) {
  const base::Image image = photo_like(width, height);
  JpegEncoder encoder;
  const auto encoded = encoder.encode(image.view(), {.strategy = strategy, .quality = quality});
  return {encoded.value().bytes.begin(), encoded.value().bytes.end()};
}

/// All bytes of a file; empty if it cannot be read.
inline std::vector<std::uint8_t> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Where the first segment with `marker` begins (its 0xFF), or the size if there is none. Walks
/// segments up to the first scan, as the bytes of a payload may look like a marker.
inline std::size_t find_segment(std::span<const std::uint8_t> jpeg, std::uint8_t marker,
                                std::size_t from = 2) {
  std::size_t at = from;
  while (at + 4 <= jpeg.size() && jpeg[at] == 0xFF) {
    if (jpeg[at + 1] == marker) return at;
    if (jpeg[at + 1] == 0xDA) break;
    at += 2U + jpeg[at + 2] * 256U + jpeg[at + 3];
  }
  return jpeg.size();
}

}  // namespace storysign::codec::testing
