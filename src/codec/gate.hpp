#pragma once

#include "base/result.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace storysign::codec {

/// What a JPEG must be to be decoded. The defaults are for frames of learners (DESIGN.md,
/// "Limits").
struct GateLimits {
  int min_side = 16;    ///< Pixels, width and height.
  int max_side = 1920;  ///< Pixels, width and height.
  /// Width times height: 2 megapixels counted in powers of two, so that 1920 x 1080 passes.
  std::int64_t max_pixels = 2LL * 1024 * 1024;
  /// Passes over the picture. libjpeg's own progression of a colour picture has 10; each one costs
  /// time.
  int max_scans = 32;
  /// The frame header must begin before this byte. Metadata of a phone fills one segment of 64 KiB.
  std::size_t marker_budget_bytes = 128UL * 1024;
  /// Also take 8-bit extended sequential pictures (SOF1), which some editors write.
  bool allow_extended = false;
};

/// Limits for picture files that somebody names on a command line: larger, and with room for
/// profiles and previews.
[[nodiscard]] constexpr GateLimits file_gate_limits() noexcept {
  return {.min_side = 16,
          .max_side = 12000,
          .max_pixels = 64LL * 1024 * 1024,
          .max_scans = 100,
          .marker_budget_bytes = 8UL * 1024 * 1024,
          .allow_extended = true};
}

/// What the frame header says; everything here has passed the limits.
struct JpegHeader {
  int width = 0;       ///< Pixels.
  int height = 0;      ///< Pixels.
  int components = 0;  ///< 1 (gray) or 3 (colour).
  bool progressive = false;

  friend bool operator==(const JpegHeader&, const JpegHeader&) = default;
};

/// Why a picture was refused; for counters and for callers that act on it.
enum class GateReason : std::uint8_t {
  kEmpty,         ///< No bytes at all.
  kNotJpeg,       ///< Does not begin as a JPEG does.
  kTruncated,     ///< Ends before the picture's data begin.
  kMarkerBudget,  ///< Too many bytes of metadata before the frame header.
  kBadMarker,     ///< A marker or segment that cannot stand where it stands.
  kProcess,       ///< Lossless, arithmetic, hierarchical or extended coding.
  kPrecision,     ///< Not 8 bits a sample.
  kComponents,    ///< Neither gray nor three colours.
  kTooSmall,      ///< A side under the limit.
  kTooLarge,      ///< A side over the limit.
  kTooManyPixels,
  kTooManyScans,
};

/// The reason as a word for logs and metrics: "too_large".
[[nodiscard]] std::string_view gate_reason_name(GateReason reason) noexcept;

struct GateError {
  GateReason reason = GateReason::kNotJpeg;
  std::string message;  ///< One sentence for a person.

  /// As the error type of the other rooms.
  [[nodiscard]] base::Error to_error() const { return {base::ErrorCode::kInvalidInput, message}; }
};

/// Checks `jpeg` against `limits` without decoding: walks the segments from SOI to the frame header
/// (ITU-T T.81, annex B) and counts the scans of pictures that may have several. Reads no byte past
/// the end, allocates only to report a failure, and may be called from any thread.
[[nodiscard]] tl::expected<JpegHeader, GateError> check_jpeg(std::span<const std::uint8_t> jpeg,
                                                             const GateLimits& limits = {});

}  // namespace storysign::codec
