#include "app/media/input_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

constexpr std::string_view kReadable =
    "an MP4, MOV, MKV, WebM or AVI video, or a JPEG, PNG, WebP or BMP picture";

bool starts_with(std::string_view head, std::size_t at, std::string_view magic) {
  return head.size() >= at + magic.size() && head.substr(at, magic.size()) == magic;
}

/// HEIC and AVIF share the box format of MP4, so they would otherwise get a puzzling message about
/// video streams.
bool is_heif(std::string_view head) {
  constexpr std::array<std::string_view, 7> kBrands = {"heic", "heix", "heim", "heis",
                                                       "mif1", "msf1", "avif"};
  return starts_with(head, 4, "ftyp") &&
         std::any_of(kBrands.begin(), kBrands.end(),
                     [&](std::string_view brand) { return starts_with(head, 8, brand); });
}

FileKind kind_of(std::string_view head) {
  if (starts_with(head, 0, "\xFF\xD8\xFF")) {
    return FileKind::kJpeg;
  }
  if (starts_with(head, 0, "\x89PNG\r\n\x1A\n")) {
    return FileKind::kPng;
  }
  if (starts_with(head, 0, "RIFF") && starts_with(head, 8, "WEBP")) {
    return FileKind::kWebp;
  }
  // Text may begin with these letters too, but has no zeros where a BMP has its reserved field.
  if (starts_with(head, 0, "BM") && starts_with(head, 6, std::string_view("\0\0\0\0", 4))) {
    return FileKind::kBmp;
  }
  return FileKind::kVideo;
}

/// Text has no control bytes but white space. No video or picture starts like that for 256 bytes.
bool looks_like_text(std::string_view head) {
  return std::all_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || c == '\n' || c == '\r' || c == '\t' || c == '\f';
  });
}

bool has_picture_ending(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::tolower(c) : c); });
  constexpr std::array<std::string_view, 5> kEndings = {".jpg", ".jpeg", ".png", ".webp", ".bmp"};
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

}  // namespace

std::string quoted(const fs::path& path) {
  return fmt::format("'{}'", path.string());
}

base::Result<InputFile> inspect_input(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return fail(ErrorCode::kNotFound,
                fmt::format("There is no file or folder {}; check the path.", quoted(path)));
  }
  if (error) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("Cannot open {}: {}.", quoted(path), error.message()));
  }
  if (fs::is_directory(status)) {
    return InputFile{true, FileKind::kVideo};
  }
  if (!fs::is_regular_file(status)) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("{} is a device or pipe; storysign annotate reads a video file, a picture "
                    "file or a folder of pictures.",
                    quoted(path)));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::array<char, 256> bytes{};
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const std::string_view head(bytes.data(), static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || file.bad()) {
    return fail(ErrorCode::kInvalidInput, fmt::format("Cannot read {}: {}.", quoted(path),
                                                      std::generic_category().message(errno)));
  }
  if (head.empty()) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} is empty (0 bytes); copy or record it again.", quoted(path)));
  }
  if (is_heif(head)) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is a HEIC or AVIF picture, which storysign cannot read; save it as "
                            "JPEG or PNG first.",
                            quoted(path)));
  }
  const FileKind kind = kind_of(head);
  if (kind == FileKind::kVideo && looks_like_text(head)) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("{} is a text file; storysign annotate reads {}.", quoted(path), kReadable));
  }
  return InputFile{false, kind};
}

base::Result<void> check_sides(const fs::path& path, const char* what, std::int64_t width,
                               std::int64_t height) {
  const bool small = width < kMinSide || height < kMinSide;
  if (small || width > kMaxSide || height > kMaxSide) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("The {} {} is too {}: {} x {} pixels; storysign takes {} to {} pixels a side.",
                    what, quoted(path), small ? "small" : "large", width, height, kMinSide,
                    kMaxSide));
  }
  return {};
}

base::Result<FolderListing> list_pictures(const fs::path& folder) {
  FolderListing listing;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored) && has_picture_ending(entry->path())) {
      listing.pictures.push_back(entry->path());
    } else {
      ++listing.others;
    }
  }
  if (error) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("Cannot read the folder {}: {}.", quoted(folder), error.message()));
  }
  if (listing.pictures.empty()) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("The folder {} holds no picture (.jpg, .jpeg, .png, .webp or .bmp).",
                            quoted(folder)));
  }
  std::sort(listing.pictures.begin(), listing.pictures.end());
  return listing;
}

}  // namespace storysign::app
