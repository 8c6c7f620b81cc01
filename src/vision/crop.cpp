#include "vision/crop.hpp"

#include <smmintrin.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace storysign::vision {
namespace {

constexpr int kGridBits = 5;  // 1/32 pixel.
constexpr int kGrid = 1 << kGridBits;
constexpr int kGridMask = kGrid - 1;

/// Tensor to picture in units of the grid: x = m[0] u + m[1] v + m[2], y = m[3] u + m[4] v + m[5],
/// each times kGrid.
std::array<double, 6> sampling_matrix(const Roi& roi, int side) noexcept {
  const double c = std::cos(roi.rotation);
  const double s = std::sin(roi.rotation);
  const double a = roi.w / side;
  const double b = roi.h / side;
  return {a * c, -b * s, roi.cx - (roi.w * c - roi.h * s) / 2.0,
          a * s, b * c,  roi.cy - (roi.w * s + roi.h * c) / 2.0};
}

// Grid coordinates are held within this bound, far outside any picture, so that a senseless region
// cannot overflow.
constexpr double kFar = 1 << 28;

std::int32_t to_grid(double position) noexcept {
  const double scaled = position * kGrid;
  // Written so that a NaN becomes the bound.
  const double low = scaled > -kFar ? scaled : -kFar;
  return static_cast<std::int32_t>(std::lrint(low < kFar ? low : kFar));
}

struct Sampler {
  base::ImageView image;
  Border border;
  float scale;
  float low;

  [[nodiscard]] const std::uint8_t* tap(int x, int y) const noexcept {
    static constexpr std::array<std::uint8_t, 3> kBlack{};
    if (border == Border::kReplicate) {
      x = std::clamp(x, 0, image.width - 1);
      y = std::clamp(y, 0, image.height - 1);
    } else if (x < 0 || y < 0 || x >= image.width || y >= image.height) {
      return kBlack.data();
    }
    return image.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
  }

  void sample(std::int32_t grid_x, std::int32_t grid_y, float* out) const noexcept {
    const int x = grid_x >> kGridBits;
    const int y = grid_y >> kGridBits;
    const int fx = grid_x & kGridMask;
    const int fy = grid_y & kGridMask;
    const std::uint8_t* p00 = tap(x, y);
    const std::uint8_t* p10 = tap(x + 1, y);
    const std::uint8_t* p01 = tap(x, y + 1);
    const std::uint8_t* p11 = tap(x + 1, y + 1);
    for (int channel = 0; channel < 3; ++channel) {
      const int value =
          ((kGrid - fx) * (kGrid - fy) * p00[channel] + fx * (kGrid - fy) * p10[channel] +
           (kGrid - fx) * fy * p01[channel] + fx * fy * p11[channel] + 512) >>
          10;
      out[channel] = static_cast<float>(value) * scale + low;
    }
  }
};

Sampler make_sampler(const base::ImageView& image, Border border, ValueRange range) noexcept {
  return {image, border, (range.high - range.low) / 255.0F, range.low};
}

/// One row of sampling positions on the grid.
struct GridRow {
  alignas(16) std::array<std::int32_t, kMaxCropSide> x;
  alignas(16) std::array<std::int32_t, kMaxCropSide> y;
};

__m128i four_grid_positions(__m128d step, __m128d u01, __m128d u23, __m128d start) noexcept {
  return _mm_unpacklo_epi64(_mm_cvtpd_epi32(_mm_add_pd(_mm_mul_pd(step, u01), start)),
                            _mm_cvtpd_epi32(_mm_add_pd(_mm_mul_pd(step, u23), start)));
}

/// `m` in pixels; multiplying it by kGrid beforehand changes no bit of the result, because kGrid is
/// a power of two.
void fill_grid_row(const std::array<double, 6>& m, int v, int side, GridRow& row) noexcept {
  const __m128d step_x = _mm_set1_pd(m[0] * kGrid);
  const __m128d step_y = _mm_set1_pd(m[3] * kGrid);
  const __m128d start_x = _mm_set1_pd((m[1] * v + m[2]) * kGrid);
  const __m128d start_y = _mm_set1_pd((m[4] * v + m[5]) * kGrid);
  const __m128d four = _mm_set1_pd(4.0);
  __m128d u01 = _mm_set_pd(1.0, 0.0);
  __m128d u23 = _mm_set_pd(3.0, 2.0);
  for (int u = 0; u < side; u += 4) {
    const auto at = static_cast<std::size_t>(u);
    _mm_store_si128(reinterpret_cast<__m128i*>(&row.x[at]),
                    four_grid_positions(step_x, u01, u23, start_x));
    _mm_store_si128(reinterpret_cast<__m128i*>(&row.y[at]),
                    four_grid_positions(step_y, u01, u23, start_y));
    u01 = _mm_add_pd(u01, four);
    u23 = _mm_add_pd(u23, four);
  }
}

/// Whether every sampling position is a number that fits the grid, so that fill_grid_row() needs no
/// bounds. Positions are linear in u and v, so the corners decide.
bool fits_grid(const std::array<double, 6>& m, int side) noexcept {
  const auto fits = [](double position) { return std::abs(position) < kFar / kGrid; };
  for (const int u : {0, side}) {
    for (const int v : {0, side}) {
      if (!fits(m[0] * u + m[1] * v + m[2]) || !fits(m[3] * u + m[4] * v + m[5])) {
        return false;
      }
    }
  }
  return true;
}

/// Weights of two neighbouring taps for each of the 32 places between them, repeated to fill a
/// vector.
template <class T, std::size_t N>
struct PairWeights {
  alignas(16) std::array<std::array<T, N>, kGrid> at{};

  constexpr PairWeights() noexcept {
    for (int place = 0; place < kGrid; ++place) {
      for (std::size_t i = 0; i < N; ++i) {
        at[static_cast<std::size_t>(place)][i] = static_cast<T>(i % 2 == 0 ? kGrid - place : place);
      }
    }
  }
};
constexpr PairWeights<std::int8_t, 16> kLeftRightWeights;
constexpr PairWeights<std::int16_t, 8> kUpperLowerWeights;

/// Whether all four taps lie in the picture with 8 readable bytes from the left ones on, so that
/// they can be loaded at once.
bool loads_whole(const base::ImageView& image, std::int32_t grid_x, std::int32_t grid_y) noexcept {
  const int x = grid_x >> kGridBits;
  const int y = grid_y >> kGridBits;
  return x >= 0 && y >= 0 && x <= image.width - 3 && y <= image.height - 2;
}

/// One tensor pixel from four taps inside the picture. Writes four floats: three channels and a
/// filler that the next pixel overwrites. Left and right are blended first, to at most 255 * 32,
/// then upper and lower: the same sum as in Sampler::sample().
void sample_inside(const base::ImageView& image, std::int32_t grid_x, std::int32_t grid_y,
                   __m128 scale, __m128 low, float* out) noexcept {
  const std::uint8_t* upper =
      image.row(grid_y >> kGridBits) + static_cast<std::ptrdiff_t>(grid_x >> kGridBits) * 3;
  const __m128i taps =
      _mm_unpacklo_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(upper)),
                         _mm_loadl_epi64(reinterpret_cast<const __m128i*>(upper + image.stride)));
  // Channel by channel: upper left, upper right, lower left, lower right.
  const __m128i order = _mm_setr_epi8(0, 3, 8, 11, 1, 4, 9, 12, 2, 5, 10, 13, -1, -1, -1, -1);
  const __m128i left_right = _mm_load_si128(reinterpret_cast<const __m128i*>(
      kLeftRightWeights.at[static_cast<std::size_t>(grid_x & kGridMask)].data()));
  const __m128i upper_lower = _mm_load_si128(reinterpret_cast<const __m128i*>(
      kUpperLowerWeights.at[static_cast<std::size_t>(grid_y & kGridMask)].data()));
  const __m128i sum =
      _mm_madd_epi16(_mm_maddubs_epi16(_mm_shuffle_epi8(taps, order), left_right), upper_lower);
  const __m128i value = _mm_srli_epi32(_mm_add_epi32(sum, _mm_set1_epi32(512)), 10);
  _mm_storeu_ps(out, _mm_add_ps(_mm_mul_ps(_mm_cvtepi32_ps(value), scale), low));
}

}  // namespace

void crop_plain(const base::ImageView& image, const Roi& roi, int side, Border border,
                ValueRange range, std::span<float> tensor) noexcept {
  const Sampler sampler = make_sampler(image, border, range);
  const std::array<double, 6> m = sampling_matrix(roi, side);
  float* out = tensor.data();
  for (int v = 0; v < side; ++v) {
    const double start_x = m[1] * v + m[2];
    const double start_y = m[4] * v + m[5];
    for (int u = 0; u < side; ++u, out += 3) {
      sampler.sample(to_grid(m[0] * u + start_x), to_grid(m[3] * u + start_y), out);
    }
  }
}

void crop(const base::ImageView& image, const Roi& roi, int side, Border border, ValueRange range,
          std::span<float> tensor) noexcept {
  const std::array<double, 6> m = sampling_matrix(roi, side);
  if (!fits_grid(m, side)) {
    crop_plain(image, roi, side, border, range, tensor);
    return;
  }
  const Sampler sampler = make_sampler(image, border, range);
  const __m128 scale = _mm_set1_ps(sampler.scale);
  const __m128 low = _mm_set1_ps(sampler.low);
  GridRow row;
  float* out = tensor.data();
  for (int v = 0; v < side; ++v, out += static_cast<std::ptrdiff_t>(side) * 3) {
    fill_grid_row(m, v, side, row);
    // Positions grow or fall steadily along a row, so those inside the picture are one run. The
    // last pixel is left out of it: its fourth float would lie behind the row.
    int first = 0;
    int last = side - 1;
    const auto inside = [&](int u) {
      const auto at = static_cast<std::size_t>(u);
      return loads_whole(image, row.x[at], row.y[at]);
    };
    while (first < last && !inside(first)) {
      ++first;
    }
    while (last > first && !inside(last - 1)) {
      --last;
    }
    for (int u = first; u < last; ++u) {
      const auto at = static_cast<std::size_t>(u);
      sample_inside(image, row.x[at], row.y[at], scale, low, out + u * 3);
    }
    const auto sample_plainly = [&](int u) {
      const auto at = static_cast<std::size_t>(u);
      sampler.sample(row.x[at], row.y[at], out + u * 3);
    };
    for (int u = 0; u < first; ++u) {
      sample_plainly(u);
    }
    // After the run, whose last pixel spills one float into this one.
    for (int u = last; u < side; ++u) {
      sample_plainly(u);
    }
  }
}

}  // namespace storysign::vision
