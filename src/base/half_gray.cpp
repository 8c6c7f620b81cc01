#include "base/half_gray.hpp"

#include <tmmintrin.h>

#include <cstdint>

namespace storysign::base {
namespace {

constexpr int kBytes = 16;  // Of a register.

/// The sums of neighbours in 16 bytes of one row and of the next: 8 of them.
__m128i sums_of_four(const std::uint8_t* upper, const std::uint8_t* lower) noexcept {
  const __m128i ones = _mm_set1_epi8(1);
  const __m128i up = _mm_loadu_si128(reinterpret_cast<const __m128i*>(upper));
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(lower));
  return _mm_add_epi16(_mm_maddubs_epi16(up, ones), _mm_maddubs_epi16(low, ones));
}

__m128i quarter(__m128i sums) noexcept {
  return _mm_srli_epi16(_mm_add_epi16(sums, _mm_set1_epi16(2)), 2);
}

/// `width` pixels of a row from twice as many of two rows.
void half_row(const std::uint8_t* upper, const std::uint8_t* lower, int width, std::uint8_t* to) {
  int x = 0;
  for (; x + kBytes <= width; x += kBytes) {
    const __m128i left = quarter(sums_of_four(upper + 2 * x, lower + 2 * x));
    const __m128i right = quarter(sums_of_four(upper + 2 * x + kBytes, lower + 2 * x + kBytes));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + x), _mm_packus_epi16(left, right));
  }
  for (; x < width; ++x) {
    const int sum = upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1];
    to[x] = static_cast<std::uint8_t>((sum + 2) / 4);
  }
}

}  // namespace

void half_gray(const GrayView& picture, GrayImage& out) {
  out.resize(picture.width / 2, picture.height / 2);
  const int width = out.view().width;
  for (int y = 0; y < out.view().height; ++y) {
    half_row(picture.row(2 * y), picture.row(2 * y + 1), width, out.row(y));
  }
}

}  // namespace storysign::base
