#pragma once

#include "base/image.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace storysign::codec {

/// How answer pictures are written (requirements.md, "Compression strategies"). Colours are stored
/// at half resolution (4:2:0) by all of them.
enum class CompressionStrategy : std::uint8_t {
  kUltraFast,  ///< Quality 35, fixed Huffman tables, fast DCT.
  kFast,       ///< Quality 50, fixed Huffman tables, accurate DCT.
  kBalanced,   ///< Quality 65, optimised Huffman tables, accurate DCT.
  kQuality,    ///< Quality 80, progressive, accurate DCT.
};

/// The JPEG quality that belongs to a strategy, 1 to 100.
[[nodiscard]] int strategy_quality(CompressionStrategy strategy) noexcept;

/// "ultra_fast", "fast", "balanced", "quality".
[[nodiscard]] std::string_view strategy_name(CompressionStrategy strategy) noexcept;

/// The other way; nothing for another word.
[[nodiscard]] std::optional<CompressionStrategy> parse_strategy(std::string_view name) noexcept;

struct EncodeSettings {
  CompressionStrategy strategy = CompressionStrategy::kFast;
  std::optional<int> quality = std::nullopt;  ///< 1 to 100 instead of the strategy's own.
  int max_quality = 100;                      ///< Upper bound for either, 1 to 100.
};

/// An encoded picture. The bytes belong to the encoder and stay until its next encode().
struct EncodedJpeg {
  std::span<const std::uint8_t> bytes;
  int quality = 0;  ///< The quality used.
};

/// Writes JPEGs. Owned by one worker; one thread at a time. Its output memory is reused and only
/// grows.
class JpegEncoder {
 public:
  JpegEncoder();
  JpegEncoder(JpegEncoder&&) noexcept;
  JpegEncoder& operator=(JpegEncoder&&) noexcept;
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;
  ~JpegEncoder();

  /// Encodes `image` (1 to 65500 pixels a side). Fails with kInvalidInput for an empty or larger
  /// picture or a quality outside 1 to 100, with kInternal if libjpeg fails (no memory); the
  /// encoder can be used again.
  base::Result<EncodedJpeg> encode(const base::ImageView& image,
                                   const EncodeSettings& settings = {});

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace storysign::codec
