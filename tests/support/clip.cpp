#include "support/clip.hpp"

#include "app/media/video_probe.hpp"
#include "app/media/video_reader.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace storysign::test {

base::Result<std::vector<base::Image>> read_clip(const std::filesystem::path& path) {
  av_log_set_level(AV_LOG_ERROR);
  const std::atomic<int> stop{0};
  const auto info = app::probe_video(path, stop);
  if (!info) {
    return tl::unexpected(info.error());
  }
  const auto reader = app::VideoReader::open(path, *info);
  if (!reader) {
    return tl::unexpected(reader.error());
  }
  std::vector<base::Image> frames;
  for (;;) {
    const auto frame = (*reader)->read();
    if (!frame) {
      return tl::unexpected(frame.error());
    }
    if (!*frame) {
      return frames;
    }
    const base::ImageView from = (*frame)->image.view();
    base::Image& copy = frames.emplace_back(from.width, from.height);
    for (int y = 0; y < from.height; ++y) {
      std::copy_n(from.row(y), from.width * 3, copy.mutable_view().row(y));
    }
  }
}

}  // namespace storysign::test
