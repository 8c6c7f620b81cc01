#include "app/frame_annotator.hpp"

#include "render/raster.hpp"

#include <utility>

namespace storysign::app {

FrameAnnotator::FrameAnnotator(const vision::TrackerOptions& options,
                               std::optional<Drawing> drawing,
                               std::unique_ptr<vision::Networks> networks,
                               LandmarkWriter* landmarks, StageTimes& times)
    : segmentation_(options.segmentation),
      drawing_(drawing),
      landmarks_(landmarks),
      times_(times),
      networks_(std::move(networks)),
      tracker_(options) {}

base::Result<std::unique_ptr<FrameAnnotator>> FrameAnnotator::create(
    engine::Engine& engine, const vision::TrackerOptions& options, std::optional<Drawing> drawing,
    LandmarkWriter* landmarks, StageTimes& times) {
  auto networks = vision::Networks::create(engine, options);
  if (!networks) {
    return tl::unexpected(networks.error());
  }
  return std::unique_ptr<FrameAnnotator>(
      new FrameAnnotator(options, drawing, std::move(*networks), landmarks, times));
}

base::Result<void> FrameAnnotator::process(const base::MutableImageView& image,
                                           std::chrono::microseconds track_time,
                                           LandmarkRecord record) {
  const vision::FrameLandmarks* landmarks = nullptr;
  {
    const StageTimer timer(times_, Stage::kVision);
    auto result = tracker_.process(image.view(), track_time, *networks_);
    if (!result) {
      return tl::unexpected(result.error());
    }
    landmarks = *result;
  }
  found_.add(*landmarks, mode_.value_or(landmarks->mode));
  mode_ = landmarks->mode;
  if (landmarks_ != nullptr) {
    record.landmarks = landmarks;
    if (auto written = landmarks_->write(record); !written) {
      return written;
    }
  }
  return drawing_ ? draw(image, *landmarks) : base::Result<void>{};
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
