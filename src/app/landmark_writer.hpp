#pragma once

#include "app/media/output_file.hpp"
#include "base/result.hpp"
#include "practice/letters.hpp"
#include "vision/landmarks.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace storysign::app {

/// The letters that a frame's hands look like; none where no hand was found.
struct HandLetters {
  std::optional<practice::LetterReading> left;
  std::optional<practice::LetterReading> right;
};

/// One line of the landmark file.
struct LandmarkRecord {
  std::int64_t frame = 0;             ///< Number in the input, from 0.
  std::chrono::microseconds time{0};  ///< In the input, from its first frame.
  std::string_view file;              ///< Name of the picture; empty for a video.
  const vision::FrameLandmarks* landmarks = nullptr;
  const HandLetters* letters = nullptr;  ///< Null: letters were not asked for.
};

/// Appends `record` to `out` as one JSON object and a line feed: frame, t_ms, file (pictures only),
/// mode ("body" or "hands"), and pose [33][x, y, z, visibility], left_hand and right_hand [21][x,
/// y, z], face [468][x, y, z], each null where nothing was found. Six decimals; a value that is no
/// number is null. With letters: letters {left, right}, each the three most probable as [letter,
/// probability], whether or not that is sure, or null where no hand was found.
void append_record(fmt::memory_buffer& out, const LandmarkRecord& record);

/// Writes the landmark file, JSON Lines, under a temporary name until commit(). One thread.
class LandmarkWriter {
 public:
  /// Fails as OutputFile::create() does.
  [[nodiscard]] static base::Result<LandmarkWriter> create(const std::filesystem::path& target,
                                                           bool overwrite);

  /// Fails with kIo when the disk takes no more; that may show only some records later.
  [[nodiscard]] base::Result<void> write(const LandmarkRecord& record);

  /// Puts everything on the disk and closes the file; it still has its temporary name.
  [[nodiscard]] base::Result<void> finish();

  /// Gives the finished file its name.
  [[nodiscard]] base::Result<void> commit() { return output_.commit(); }

  [[nodiscard]] const std::filesystem::path& target() const noexcept { return output_.target(); }

 private:
  struct Closer {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  LandmarkWriter(OutputFile output, std::FILE* file) : output_(std::move(output)), file_(file) {}

  OutputFile output_;  ///< Before file_, so that the file is closed before it is removed.
  std::unique_ptr<std::FILE, Closer> file_;
  fmt::memory_buffer buffer_;
};

}  // namespace storysign::app
