#include "app/load/frames.hpp"

#include "app/media/input_file.hpp"
#include "app/media/picture_reader.hpp"
#include "app/media/video_probe.hpp"
#include "app/media/video_reader.hpp"
#include "base/image.hpp"
#include "codec/encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

using std::chrono::microseconds;

constexpr std::size_t kMostBytes = 256UL * 1024 * 1024;
// Of a picture that has no time of its own, as from a camera at 25 frames a second.
constexpr microseconds kPictureInterval{40000};

class JpegCoder final : public FrameCoder {
 public:
  explicit JpegCoder(int quality) : quality_(quality) {}

  void begin_clip() override {}
  base::Result<base::Bytes> code(const base::ImageView& image, microseconds /*time*/) override {
    const auto encoded = encoder_.encode(
        image, {.strategy = codec::CompressionStrategy::kFast, .quality = quality_});
    if (!encoded) return tl::unexpected(encoded.error());
    return base::Bytes(encoded->bytes.begin(), encoded->bytes.end());
  }

 private:
  int quality_;
  codec::JpegEncoder encoder_;
};

/// Puts pictures of any size into one of a fixed size.
class Fitter {
 public:
  explicit Fitter(FrameSize size) : image_(size.width, size.height) {}

  base::Result<base::ImageView> fit(const base::ImageView& from) {
    const base::MutableImageView to = image_.mutable_view();
    const double scale = std::min(static_cast<double>(to.width) / from.width,
                                  static_cast<double>(to.height) / from.height);
    const int width = std::clamp(static_cast<int>(std::lround(from.width * scale)), 1, to.width);
    const int height = std::clamp(static_cast<int>(std::lround(from.height * scale)), 1, to.height);
    scaler_.reset(sws_getCachedContext(
        scaler_.release(), from.width, from.height, AV_PIX_FMT_RGB24, width, height,
        AV_PIX_FMT_RGB24, scale < 1.0 ? SWS_AREA : SWS_BICUBIC, nullptr, nullptr, nullptr));
    if (scaler_ == nullptr) {
      return fail(ErrorCode::kInternal,
                  fmt::format("The pictures cannot be scaled from {}x{} to {}x{}.", from.width,
                              from.height, width, height));
    }
    std::fill_n(to.data, image_.size_bytes(), std::uint8_t{0});
    const std::uint8_t* const source[] = {from.data};
    const int source_stride[] = {static_cast<int>(from.stride)};
    const int left = (to.width - width) / 2;
    std::uint8_t* const target[] = {to.row((to.height - height) / 2) +
                                    static_cast<std::ptrdiff_t>(left) * 3};
    const int target_stride[] = {static_cast<int>(to.stride)};
    sws_scale(scaler_.get(), source, source_stride, 0, from.height, target, target_stride);
    return to.view();
  }

 private:
  base::Image image_;
  Scaler scaler_;
};

/// Takes the pictures of a clip one after the other until there are enough.
class Collector {
 public:
  Collector(std::optional<FrameSize> size, FrameCoder& coder, std::size_t most)
      : size_(size), coder_(coder), most_(most) {
    coder_.begin_clip();
  }

  base::Result<void> add(const base::ImageView& image, microseconds time) {
    base::ImageView view = image;
    if (!size_) size_ = FrameSize{image.width, image.height};
    if (view.width != size_->width || view.height != size_->height) {
      if (!fitter_) fitter_.emplace(*size_);
      const auto fitted = fitter_->fit(image);
      if (!fitted) return tl::unexpected(fitted.error());
      view = *fitted;
    }
    auto coded = coder_.code(view, time);
    if (!coded) return tl::unexpected(coded.error());
    bytes_ += coded->size();
    frames_.coded.push_back(*std::move(coded));
    return {};
  }

  [[nodiscard]] bool enough() const {
    return frames_.coded.size() >= most_ || bytes_ >= kMostBytes;
  }

  Frames take(double rate) {
    frames_.rate = rate;
    frames_.size = *size_;
    return std::move(frames_);
  }

 private:
  // Given.
  std::optional<FrameSize> size_;
  FrameCoder& coder_;
  std::size_t most_;
  // Owned.
  std::optional<Fitter> fitter_;
  // State.
  Frames frames_;
  std::size_t bytes_ = 0;
};

tl::unexpected<base::Error> cancelled() {
  return fail(ErrorCode::kCancelled, "Stopped before a frame was sent.");
}

base::Result<Frames> load_video(const fs::path& clip, Collector& collector,
                                const std::atomic<int>& stop) {
  const auto info = probe_video(clip, stop);
  if (!info) return tl::unexpected(info.error());
  const auto reader = VideoReader::open(clip, *info);
  if (!reader) return tl::unexpected(reader.error());
  std::size_t count = 0;
  while (!collector.enough()) {
    if (stop.load(std::memory_order_relaxed) != 0) return cancelled();
    const auto frame = (*reader)->read();
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) break;
    if (auto added = collector.add((*frame)->image.view(), (*frame)->time); !added) {
      return tl::unexpected(added.error());
    }
    ++count;
  }
  if (count == 0) {
    return fail(ErrorCode::kInvalidInput, fmt::format("{} holds no frame.", quoted(clip)));
  }
  const AVRational rate = info->frame_rate;
  return collector.take(rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0.0);
}

base::Result<Frames> load_pictures(const std::vector<fs::path>& pictures, bool any_size,
                                   Collector& collector, const std::atomic<int>& stop) {
  PictureReader reader;
  base::Image image;
  int width = 0;
  int height = 0;
  microseconds time{0};
  for (const fs::path& picture : pictures) {
    if (collector.enough()) break;
    if (stop.load(std::memory_order_relaxed) != 0) return cancelled();
    if (auto read = reader.read(picture, image); !read) return tl::unexpected(read.error());
    if (!any_size && width != 0 && (image.width() != width || image.height() != height)) {
      return fail(ErrorCode::kInvalidInput,
                  fmt::format("{} has another size than the pictures before it; give --size.",
                              quoted(picture)));
    }
    width = image.width();
    height = image.height();
    if (auto added = collector.add(image.view(), time); !added) {
      return tl::unexpected(added.error());
    }
    time += kPictureInterval;
  }
  return collector.take(0.0);
}

}  // namespace

std::size_t pick_frame(const Frames& frames, std::size_t start, std::uint64_t k, double fps) {
  const std::size_t count = frames.coded.size();
  if (count < 2) return 0;
  // The small share keeps what is due exactly then from being rounded to before.
  const std::uint64_t passed =
      frames.rate > 0.0
          ? static_cast<std::uint64_t>(static_cast<double>(k) * frames.rate / fps + 1e-6)
          : k;
  const std::size_t period = 2 * (count - 1);
  const auto place = static_cast<std::size_t>((passed + start) % period);
  return place < count ? place : period - place;
}

std::unique_ptr<FrameCoder> make_jpeg_coder(int quality) {
  return std::make_unique<JpegCoder>(quality);
}

base::Result<Frames> load_frames(const fs::path& clip, std::optional<FrameSize> size,
                                 FrameCoder& coder, std::size_t most,
                                 const std::atomic<int>& stop) {
  const auto input = inspect_input(clip);
  if (!input) return tl::unexpected(input.error());
  Collector collector(size, coder, std::max<std::size_t>(most, 1));
  if (input->is_folder) {
    const auto listing = list_pictures(clip);
    if (!listing) return tl::unexpected(listing.error());
    return load_pictures(listing->pictures, size.has_value(), collector, stop);
  }
  if (input->kind == FileKind::kVideo) return load_video(clip, collector, stop);
  return load_pictures({clip}, true, collector, stop);
}

base::Result<std::vector<Frames>> load_clips(const std::vector<std::string>& clips,
                                             std::optional<FrameSize> size, FrameCoder& coder,
                                             std::size_t most, const std::atomic<int>& stop) {
  std::vector<Frames> out;
  for (const std::string& clip : clips) {
    auto frames = load_frames(clip, size, coder, most, stop);
    if (!frames) return tl::unexpected(std::move(frames).error());
    if (!out.empty() && (frames->size.width != out.front().size.width ||
                         frames->size.height != out.front().size.height)) {
      return fail(ErrorCode::kInvalidInput,
                  fmt::format("{} has another size than the clips before it; give --size.",
                              quoted(fs::path(clip))));
    }
    out.push_back(std::move(*frames));
  }
  return out;
}

}  // namespace storysign::app
