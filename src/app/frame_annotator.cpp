#include "app/frame_annotator.hpp"

#include "flow/lucas_kanade.hpp"
#include "render/raster.hpp"

#include <utility>

namespace storysign::app {

FrameAnnotator::FrameAnnotator(const vision::TrackerOptions& options,
                               std::optional<vision::Pace> pace, std::optional<Drawing> drawing,
                               std::unique_ptr<vision::Networks> networks,
                               std::unique_ptr<practice::LetterReader> reader,
                               LandmarkWriter* landmarks, StageTimes& times)
    : segmentation_(options.segmentation),
      pace_(pace),
      drawing_(drawing),
      landmarks_(landmarks),
      times_(times),
      networks_(std::move(networks)),
      reader_(std::move(reader)),
      tracker_(options, pace ? flow::make_lucas_kanade() : nullptr) {}

base::Result<std::unique_ptr<FrameAnnotator>> FrameAnnotator::create(
    engine::Engine& engine, const vision::TrackerOptions& options, std::optional<vision::Pace> pace,
    std::optional<Drawing> drawing, bool letters, LandmarkWriter* landmarks, StageTimes& times) {
  auto networks = vision::Networks::create(engine, options);
  if (!networks) {
    return tl::unexpected(networks.error());
  }
  std::unique_ptr<practice::LetterReader> reader;
  if (letters) {
    auto made = practice::LetterReader::create(engine);
    if (!made) return tl::unexpected(made.error());
    reader = *std::move(made);
  }
  return std::unique_ptr<FrameAnnotator>(new FrameAnnotator(
      options, pace, drawing, std::move(*networks), std::move(reader), landmarks, times));
}

base::Result<const vision::FrameLandmarks*> FrameAnnotator::track(
    const base::ImageView& image, std::chrono::microseconds track_time) {
  const StageTimer timer(times_, Stage::kVision);
  if (!pace_) {
    return tracker_.process(image, track_time, *networks_);
  }
  vision::ColourPicture picture(image, gray_);
  return tracker_.process_fast(picture, track_time, *networks_, *pace_);
}

base::Result<void> FrameAnnotator::process(const base::MutableImageView& image,
                                           std::chrono::microseconds track_time,
                                           LandmarkRecord record) {
  const auto tracked = track(image.view(), track_time);
  if (!tracked) {
    return tl::unexpected(tracked.error());
  }
  const vision::FrameLandmarks* landmarks = *tracked;
  found_.add(*landmarks, mode_.value_or(landmarks->mode));
  mode_ = landmarks->mode;
  if (landmarks_ != nullptr) {
    const float aspect = static_cast<float>(image.width) / static_cast<float>(image.height);
    if (auto written = write(*landmarks, aspect, record); !written) {
      return written;
    }
  }
  return drawing_ ? draw(image, *landmarks) : base::Result<void>{};
}

base::Result<void> FrameAnnotator::write(const vision::FrameLandmarks& found, float aspect,
                                         LandmarkRecord record) {
  record.landmarks = &found;
  if (!reader_) return landmarks_->write(record);
  const auto letters = read_letters(found, aspect);
  if (!letters) return tl::unexpected(letters.error());
  record.letters = &*letters;
  return landmarks_->write(record);
}

base::Result<HandLetters> FrameAnnotator::read_letters(const vision::FrameLandmarks& found,
                                                       float aspect) {
  const StageTimer timer(times_, Stage::kVision);
  HandLetters letters;
  for (const bool is_left : {true, false}) {
    const std::optional<vision::Hand>& hand = is_left ? found.left_hand : found.right_hand;
    if (!hand) continue;
    auto reading = reader_->read(*hand, aspect, is_left);
    if (!reading) return tl::unexpected(reading.error());
    (is_left ? letters.left : letters.right) = *reading;
  }
  return letters;
}

base::Result<void> FrameAnnotator::draw(const base::MutableImageView& image,
                                        const vision::FrameLandmarks& landmarks) {
  const StageTimer timer(times_, Stage::kRender);
  if (drawing_->plain) {
    render::fill(image, render::kPlainGround);
  } else if (segmentation_) {
    if (auto blurred = blur_.apply(image, tracker_.mask()); !blurred) {
      return blurred;
    }
  }
  if (drawing_->landmarks) {
    overlay_.draw(landmarks, image);
  }
  return {};
}

}  // namespace storysign::app
