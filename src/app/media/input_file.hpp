#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace storysign::app {

/// A side of a picture or video must be within these, in pixels. Below, there is nothing to find;
/// above, one picture takes more than 200 MB.
inline constexpr int kMinSide = 16;
inline constexpr int kMaxSide = 8192;

/// What a file holds, judged by its first bytes and never by its name.
enum class FileKind : std::uint8_t { kJpeg, kPng, kWebp, kBmp, kVideo };

/// A file name in quotes, for a message.
[[nodiscard]] std::string quoted(const std::filesystem::path& path);

/// What an input path is. Fails with kNotFound or kInvalidInput if it does not exist, is neither a
/// file nor a folder, is empty, or cannot be opened.
struct InputFile {
  bool is_folder = false;
  FileKind kind = FileKind::kVideo;  ///< Meaningless for a folder.
};
[[nodiscard]] base::Result<InputFile> inspect_input(const std::filesystem::path& path);

/// Fails with kInvalidInput if a side is outside kMinSide..kMaxSide; `what` is "picture" or
/// "video".
[[nodiscard]] base::Result<void> check_sides(const std::filesystem::path& path, const char* what,
                                             std::int64_t width, std::int64_t height);

/// The pictures of a folder (by file name ending), sorted by file name byte by byte.
struct FolderListing {
  std::vector<std::filesystem::path> pictures;
  std::size_t others = 0;  ///< Files that are not pictures by their name, and folders.
};

/// Fails with kInvalidInput if the folder cannot be read or holds no picture.
[[nodiscard]] base::Result<FolderListing> list_pictures(const std::filesystem::path& folder);

}  // namespace storysign::app
