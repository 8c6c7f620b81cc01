#include "app/media/container_check.hpp"

#include "app/media/input_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string_view>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

/// Random access to the bytes of a file.
class Bytes {
 public:
  explicit Bytes(const fs::path& path) : file_(path, std::ios::binary) {
    file_.seekg(0, std::ios::end);
    const std::streamoff end = file_.tellg();
    size_ = end > 0 ? static_cast<std::uint64_t>(end) : 0;
  }

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// `count` (at most 16) bytes at `offset`; empty if the file ends before.
  std::string_view at(std::uint64_t offset, std::size_t count) {
    if (offset > size_ || size_ - offset < count) {
      return {};
    }
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(buffer_.data(), static_cast<std::streamsize>(count));
    return file_ ? std::string_view(buffer_.data(), count) : std::string_view{};
  }

 private:
  std::ifstream file_;
  std::uint64_t size_ = 0;
  std::array<char, 16> buffer_{};
};

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) {
    value = (value << 8U) | static_cast<unsigned char>(byte);
  }
  return value;
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

base::Result<void> cut_off(const fs::path& path, std::uint64_t wanted, std::uint64_t size) {
  return fail(
      ErrorCode::kInvalidInput,
      fmt::format("The video {} is cut off: its header tells of {} bytes and only {} are there; "
                  "copy or download it again.",
                  quoted(path), wanted, size));
}

/// A variable-length size of EBML (RFC 8794 section 4): the leading zero bits of the first byte
/// give its length.
struct EbmlSize {
  std::uint64_t value = 0;
  std::uint64_t length = 0;
  bool unknown = false;
};

std::optional<EbmlSize> ebml_size(Bytes& bytes, std::uint64_t offset) {
  const std::string_view first = bytes.at(offset, 1);
  if (first.empty() || first[0] == 0) {
    return std::nullopt;
  }
  unsigned marker = 0x80U;
  std::size_t length = 1;
  while ((static_cast<unsigned char>(first[0]) & marker) == 0U) {
    marker >>= 1U;
    ++length;
  }
  const std::string_view all = bytes.at(offset, length);
  if (all.empty()) {
    return std::nullopt;
  }
  const std::uint64_t mask = (std::uint64_t{1} << (7U * length)) - 1U;
  const std::uint64_t value = big_endian(all) & mask;
  return EbmlSize{value, length, value == mask};
}

base::Result<void> check_matroska(const fs::path& path, Bytes& bytes) {
  constexpr std::string_view kSegment = "\x18\x53\x80\x67";
  const auto header = ebml_size(bytes, 4);
  if (!header || header->unknown) {
    return {};
  }
  const std::uint64_t segment = 4 + header->length + header->value;
  if (bytes.at(segment, 4) != kSegment) {
    if (segment + 4 > bytes.size()) {
      return cut_off(path, segment + 4, bytes.size());
    }
    return {};
  }
  const auto body = ebml_size(bytes, segment + 4);
  if (!body) {
    return cut_off(path, segment + 12, bytes.size());
  }
  // A recording that was streamed states no size; whether it is whole cannot be told from here.
  const std::uint64_t end = segment + 4 + body->length + body->value;
  if (!body->unknown && end > bytes.size()) {
    return cut_off(path, end, bytes.size());
  }
  return {};
}

bool is_movie_box(std::string_view type) {
  constexpr std::array<std::string_view, 13> kTypes = {"ftyp", "moov", "mdat", "free", "skip",
                                                       "wide", "uuid", "moof", "mfra", "sidx",
                                                       "styp", "meta", "pnot"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

/// Walks the top-level boxes (ISO/IEC 14496-12 section 4.2).
base::Result<void> check_movie(const fs::path& path, Bytes& bytes) {
  bool has_index = false;
  std::uint64_t offset = 0;
  while (offset + 8 <= bytes.size()) {
    const std::string_view head = bytes.at(offset, 8);
    const std::string type(head.substr(4));
    std::uint64_t length = big_endian(head.substr(0, 4));
    if (!is_movie_box(type)) {
      break;  // Bytes that somebody appended; what came before is whole.
    }
    has_index = has_index || type == "moov";
    if (length == 1) {
      length = big_endian(bytes.at(offset + 8, 8));
    } else if (length == 0) {
      length = bytes.size() - offset;
    }
    if (length < 8) {
      break;
    }
    if (length > bytes.size() - offset) {
      return cut_off(path, offset + length, bytes.size());
    }
    offset += length;
  }
  if (!has_index) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("The video {} has no index, so its recording was not finished or the file is "
                    "cut off; record, copy or download it again.",
                    quoted(path)));
  }
  return {};
}

base::Result<void> check_riff(const fs::path& path, Bytes& bytes) {
  std::uint64_t offset = 0;
  while (bytes.at(offset, 4) == "RIFF") {
    const std::string_view field = bytes.at(offset + 4, 4);
    const std::uint64_t length = little_endian(field);
    if (field.empty() || length == 0) {
      break;
    }
    if (offset + 8 + length > bytes.size()) {
      return cut_off(path, offset + 8 + length, bytes.size());
    }
    offset += 8 + length + (length & 1U);
  }
  return {};
}

}  // namespace

base::Result<void> check_container_complete(const fs::path& path) {
  Bytes bytes(path);
  const std::string head(bytes.at(0, std::min<std::size_t>(12, bytes.size())));
  if (head.substr(0, 4) == "\x1A\x45\xDF\xA3") {
    return check_matroska(path, bytes);
  }
  if (head.size() >= 8 && is_movie_box(head.substr(4, 4))) {
    return check_movie(path, bytes);
  }
  if (head.size() == 12 && head.substr(0, 4) == "RIFF" && head.substr(8, 4) == "AVI ") {
    return check_riff(path, bytes);
  }
  return {};
}

}  // namespace storysign::app
