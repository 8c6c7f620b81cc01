#include "codec/encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
// jpeglib.h needs size_t and FILE from the headers above.
#include <jerror.h>
#include <jpeglib.h>

namespace storysign::codec {
namespace {

constexpr std::size_t kFirstBufferBytes = 64UL * 1024;
constexpr JDIMENSION kRowsAtOnce = 16;  // One row of 4:2:0 blocks.
constexpr std::size_t kStandardTables = 2;

/// libjpeg's error manager with a way out: it must not return from an error, and the default one
/// calls exit().
struct ErrorManager {
  jpeg_error_mgr base;  // First, so that a pointer to it is a pointer to this.
  std::jmp_buf out;
  std::array<char, JMSG_LENGTH_MAX> message;
};

[[noreturn]] void leave(j_common_ptr info) {
  auto* error = reinterpret_cast<ErrorManager*>(info->err);
  error->base.format_message(info, error->message.data());
  std::longjmp(error->out, 1);
}

void keep_silent(j_common_ptr /*info*/) {}

/// libjpeg's destination with memory that is kept from picture to picture. Plain malloc and
/// realloc: nothing in here may throw through C code.
struct Destination {
  jpeg_destination_mgr base;  // First, so that a pointer to it is a pointer to this.
  std::uint8_t* buffer;
  std::size_t capacity;
  std::size_t size;  // Of the finished picture.
};

Destination& destination_of(j_compress_ptr info) {
  return *reinterpret_cast<Destination*>(info->dest);
}

void begin_output(j_compress_ptr info) {
  Destination& to = destination_of(info);
  if (to.buffer == nullptr) {
    to.buffer = static_cast<std::uint8_t*>(std::malloc(kFirstBufferBytes));
    if (to.buffer == nullptr) ERREXIT1(info, JERR_OUT_OF_MEMORY, 10);
    to.capacity = kFirstBufferBytes;
  }
  to.base.next_output_byte = to.buffer;
  to.base.free_in_buffer = to.capacity;
}

boolean grow_output(j_compress_ptr info) {
  Destination& to = destination_of(info);
  auto* bigger = static_cast<std::uint8_t*>(std::realloc(to.buffer, to.capacity * 2));
  if (bigger == nullptr) ERREXIT1(info, JERR_OUT_OF_MEMORY, 10);
  to.buffer = bigger;
  to.base.next_output_byte = bigger + to.capacity;
  to.base.free_in_buffer = to.capacity;
  to.capacity *= 2;
  return TRUE;
}

void end_output(j_compress_ptr info) {
  Destination& to = destination_of(info);
  to.size = to.capacity - to.base.free_in_buffer;
}

}  // namespace

struct JpegEncoder::State {
  jpeg_compress_struct info{};
  ErrorManager error{};
  Destination destination{};
  bool created = false;
  // The tables of T.81 annex K. libjpeg overwrites its own with optimised ones and keeps those for
  // the next picture.
  std::array<JHUFF_TBL, kStandardTables> standard_dc{};
  std::array<JHUFF_TBL, kStandardTables> standard_ac{};

  State() {
    info.err = jpeg_std_error(&error.base);
    error.base.error_exit = leave;
    error.base.output_message = keep_silent;
    destination.base.init_destination = begin_output;
    destination.base.empty_output_buffer = grow_output;
    destination.base.term_destination = end_output;
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;
  ~State() {
    jpeg_destroy_compress(&info);
    std::free(destination.buffer);
  }

  // libjpeg leaves by longjmp on an error: these functions hold no object with a destructor.
  bool create() noexcept;
  bool compress(const base::ImageView& image, CompressionStrategy strategy, int quality) noexcept;
  void set_parameters(CompressionStrategy strategy, int quality);
};

bool JpegEncoder::State::create() noexcept {
  if (created) return true;
  if (setjmp(error.out) != 0) return false;
  jpeg_create_compress(&info);
  info.dest = &destination.base;
  info.in_color_space = JCS_RGB;
  info.input_components = 3;
  jpeg_set_defaults(&info);
  for (std::size_t i = 0; i < kStandardTables; ++i) {
    standard_dc[i] = *info.dc_huff_tbl_ptrs[i];
    standard_ac[i] = *info.ac_huff_tbl_ptrs[i];
  }
  created = true;
  return true;
}

void JpegEncoder::State::set_parameters(CompressionStrategy strategy, int quality) {
  jpeg_set_defaults(&info);
  for (std::size_t i = 0; i < kStandardTables; ++i) {
    *info.dc_huff_tbl_ptrs[i] = standard_dc[i];
    *info.ac_huff_tbl_ptrs[i] = standard_ac[i];
  }
  jpeg_set_quality(&info, quality, TRUE);
  info.dct_method = strategy == CompressionStrategy::kUltraFast ? JDCT_FASTEST : JDCT_ISLOW;
  info.optimize_coding = strategy == CompressionStrategy::kBalanced ? TRUE : FALSE;
  if (strategy == CompressionStrategy::kQuality) jpeg_simple_progression(&info);
}

bool JpegEncoder::State::compress(const base::ImageView& image, CompressionStrategy strategy,
                                  int quality) noexcept {
  if (setjmp(error.out) != 0) {
    jpeg_abort_compress(&info);
    return false;
  }
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.image_height = static_cast<JDIMENSION>(image.height);
  set_parameters(strategy, quality);
  jpeg_start_compress(&info, TRUE);
  std::array<JSAMPROW, kRowsAtOnce> rows;
  while (info.next_scanline < info.image_height) {
    const JDIMENSION count = std::min(kRowsAtOnce, info.image_height - info.next_scanline);
    for (JDIMENSION i = 0; i < count; ++i) {
      // libjpeg only reads the rows, but its interface has no const.
      rows[i] = const_cast<JSAMPROW>(image.row(static_cast<int>(info.next_scanline + i)));
    }
    jpeg_write_scanlines(&info, rows.data(), count);
  }
  jpeg_finish_compress(&info);
  return true;
}

namespace {

struct StrategyInfo {
  std::string_view name;
  int quality;
};

constexpr std::array<StrategyInfo, 4> kStrategies{
    {{"ultra_fast", 35}, {"fast", 50}, {"balanced", 65}, {"quality", 80}}};

const StrategyInfo& strategy_info(CompressionStrategy strategy) {
  return kStrategies[std::min(static_cast<std::size_t>(strategy), kStrategies.size() - 1)];
}

}  // namespace

int strategy_quality(CompressionStrategy strategy) noexcept {
  return strategy_info(strategy).quality;
}

std::string_view strategy_name(CompressionStrategy strategy) noexcept {
  return strategy_info(strategy).name;
}

std::optional<CompressionStrategy> parse_strategy(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kStrategies.size(); ++i) {
    if (kStrategies[i].name == name) return static_cast<CompressionStrategy>(i);
  }
  return std::nullopt;
}

JpegEncoder::JpegEncoder() : state_(std::make_unique<State>()) {}
JpegEncoder::JpegEncoder(JpegEncoder&&) noexcept = default;
JpegEncoder& JpegEncoder::operator=(JpegEncoder&&) noexcept = default;
JpegEncoder::~JpegEncoder() = default;

base::Result<EncodedJpeg> JpegEncoder::encode(const base::ImageView& image,
                                              const EncodeSettings& settings) {
  if (image.empty() || image.width > JPEG_MAX_DIMENSION || image.height > JPEG_MAX_DIMENSION) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("A picture of {} x {} pixels cannot be written as JPEG; its sides "
                    "must be 1 to {}.",
                    image.width, image.height, JPEG_MAX_DIMENSION));
  }
  const int wanted = settings.quality.value_or(strategy_quality(settings.strategy));
  if (wanted < 1 || wanted > 100 || settings.max_quality < 1 || settings.max_quality > 100) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("JPEG quality {} (at most {}) is out of range; use 1 to 100.",
                                  wanted, settings.max_quality));
  }
  const int quality = std::min(wanted, settings.max_quality);
  if (!state_->create() || !state_->compress(image, settings.strategy, quality)) {
    return base::fail(base::ErrorCode::kInternal,
                      fmt::format("The picture could not be written as JPEG ({}); free some memory "
                                  "and try again.",
                                  state_->error.message.data()));
  }
  return EncodedJpeg{{state_->destination.buffer, state_->destination.size}, quality};
}

}  // namespace storysign::codec
