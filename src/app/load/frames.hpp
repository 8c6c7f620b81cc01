#pragma once

#include "base/image.hpp"
#include "base/pool.hpp"
#include "base/result.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace storysign::app {

struct FrameSize {
  int width = 0;
  int height = 0;
};

/// Makes of a clip's pictures what clients send of them. Used by one thread.
class FrameCoder {
 public:
  FrameCoder() = default;
  FrameCoder(const FrameCoder&) = delete;
  FrameCoder& operator=(const FrameCoder&) = delete;
  FrameCoder(FrameCoder&&) = delete;
  FrameCoder& operator=(FrameCoder&&) = delete;
  virtual ~FrameCoder() = default;

  /// The next picture is the first of a clip.
  virtual void begin_clip() = 0;
  /// `time` is since the clip's first picture. Fails with a sentence for the user.
  [[nodiscard]] virtual base::Result<base::Bytes> code(const base::ImageView& image,
                                                       std::chrono::microseconds time) = 0;
};

/// JPEGs of this quality, 1 to 100.
[[nodiscard]] std::unique_ptr<FrameCoder> make_jpeg_coder(int quality);

/// What clients send of a clip's pictures, made once. All of one size.
struct Frames {
  std::vector<base::Bytes> coded;  ///< At least one.
  double rate = 0.0;               ///< Pictures a second; 0: one for every frame sent.
  FrameSize size;
};

/// Which picture to send as frame `k` of a client at `fps`: the one that is due by then, so that
/// people move at their own speed. Behind the last one the pictures go backwards to the first and
/// so on: movements have no jumps that a webcam would not have either. `start` is where the client
/// begins.
[[nodiscard]] std::size_t pick_frame(const Frames& frames, std::size_t start, std::uint64_t k,
                                     double fps);

/// Decodes a video, a picture or the pictures of a folder (by name), scales them to `size` if one
/// is given (keeping the shape, on black), and lets `coder` make of them what is sent. Takes at
/// most `most` pictures and as many as fit into 256 MiB then. Fails as the readers and the coder
/// do, with kInvalidInput if the pictures of a folder differ in size and no size is given, and with
/// kCancelled if `stop` is set.
[[nodiscard]] base::Result<Frames> load_frames(const std::filesystem::path& clip,
                                               std::optional<FrameSize> size, FrameCoder& coder,
                                               std::size_t most, const std::atomic<int>& stop);

/// The same of several, which must come out in one size: kInvalidInput if they do not. `clips` has
/// at least one.
[[nodiscard]] base::Result<std::vector<Frames>> load_clips(const std::vector<std::string>& clips,
                                                           std::optional<FrameSize> size,
                                                           FrameCoder& coder, std::size_t most,
                                                           const std::atomic<int>& stop);

}  // namespace storysign::app
