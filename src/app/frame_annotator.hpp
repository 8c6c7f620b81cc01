#pragma once

#include "app/landmark_writer.hpp"
#include "app/stage_times.hpp"
#include "app/summary.hpp"
#include "base/image.hpp"
#include "base/result.hpp"
#include "engine/network.hpp"
#include "practice/letters.hpp"
#include "render/blur.hpp"
#include "render/overlay.hpp"
#include "vision/tracker.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace storysign::app {

/// What is done to the picture before it is written.
struct Drawing {
  bool landmarks = true;  ///< Draw face, hands and body.
  bool plain = false;     ///< On a plain ground instead of the person's picture.
};

/// What one frame goes through between being read and being written: landmarks found, written down,
/// counted, drawn. Owned by the run; one thread.
class FrameAnnotator {
 public:
  /// `landmarks` may be null; `times` and `landmarks` outlive this. `draw` says whether there is an
  /// output picture at all; with `pace` the frames are tracked the fast way;
  /// `letters` asks for the letters that the hands look like. Fails as Networks::create() does.
  [[nodiscard]] static base::Result<std::unique_ptr<FrameAnnotator>> create(
      engine::Engine& engine, const vision::TrackerOptions& options,
      std::optional<vision::Pace> pace, std::optional<Drawing> drawing, bool letters,
      LandmarkWriter* landmarks, StageTimes& times);

  /// Finds the landmarks of `image` at `track_time` (see HolisticTracker::process()), writes them
  /// with the frame number, time and file of `record`, and draws on `image` if there is an output
  /// picture. Fails with kInternal if a network fails, kIo if the landmarks cannot be written.
  [[nodiscard]] base::Result<void> process(const base::MutableImageView& image,
                                           std::chrono::microseconds track_time,
                                           LandmarkRecord record);

  [[nodiscard]] const PartCounts& found() const noexcept { return found_; }

 private:
  FrameAnnotator(const vision::TrackerOptions& options, std::optional<vision::Pace> pace,
                 std::optional<Drawing> drawing, std::unique_ptr<vision::Networks> networks,
                 std::unique_ptr<practice::LetterReader> reader, LandmarkWriter* landmarks,
                 StageTimes& times);

  base::Result<const vision::FrameLandmarks*> track(const base::ImageView& image,
                                                    std::chrono::microseconds track_time);
  base::Result<void> write(const vision::FrameLandmarks& found, float aspect,
                           LandmarkRecord record);
  base::Result<HandLetters> read_letters(const vision::FrameLandmarks& found, float aspect);
  base::Result<void> draw(const base::MutableImageView& image,
                          const vision::FrameLandmarks& landmarks);

  // Given.
  bool segmentation_;
  std::optional<vision::Pace> pace_;
  std::optional<Drawing> drawing_;
  LandmarkWriter* landmarks_;
  StageTimes& times_;
  // Owned.
  std::unique_ptr<vision::Networks> networks_;
  std::unique_ptr<practice::LetterReader> reader_;  ///< Null: letters were not asked for.
  vision::HolisticTracker tracker_;
  render::OverlayRenderer overlay_;
  render::BackgroundBlur blur_;
  base::GrayImage gray_;
  // State.
  PartCounts found_;
  std::optional<vision::TrackingMode> mode_;
};

}  // namespace storysign::app
