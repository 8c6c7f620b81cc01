#include "app/load/landmark_coder.hpp"

#include "adapt/profile.hpp"
#include "app/workbench.hpp"
#include "base/clock.hpp"
#include "engine/openvino_engine.hpp"
#include "flow/lucas_kanade.hpp"
#include "session/pace.hpp"
#include "vision/picture.hpp"
#include "vision/tracker.hpp"
#include "wire/landmark_frame.hpp"

#include <cstdint>
#include <utility>

namespace storysign::app {
namespace {

using std::chrono::microseconds;

class LandmarkCoder final : public FrameCoder {
 public:
  static base::Result<std::unique_ptr<FrameCoder>> create(const std::filesystem::path& models,
                                                          bool quick_hands) {
    std::unique_ptr<LandmarkCoder> coder(new LandmarkCoder({.quick_hands = quick_hands}));
    auto engine =
        engine::make_openvino_engine({.model_folder = models, .warnings = &coder->warnings_});
    if (!engine) return tl::unexpected(engine.error());
    coder->engine_ = *std::move(engine);
    auto networks = vision::Networks::create(*coder->engine_, coder->options_);
    if (!networks) return tl::unexpected(networks.error());
    coder->networks_ = *std::move(networks);
    return coder;
  }

  void begin_clip() override { tracker_.reset(); }

  base::Result<base::Bytes> code(const base::ImageView& image, microseconds time) override {
    const base::SteadyTime begin = base::steady_now();
    vision::ColourPicture picture(image, gray_);
    const auto found = tracker_.process_fast(picture, time, *networks_, pace_);
    if (!found) return tl::unexpected(found.error());
    const vision::FrameLandmarks& landmarks = **found;
    const wire::LandmarkFrameHeader header{
        .inferred = landmarks.inferred.any(),
        .hands_only = landmarks.mode == vision::TrackingMode::kHands,
        .width = static_cast<std::uint16_t>(image.width),
        .height = static_cast<std::uint16_t>(image.height),
        .profile = wire::AnswerProfile::kBalanced,
        .skip_reason = wire::skip_of(landmarks),
        .vision_time = std::chrono::duration_cast<microseconds>(base::steady_now() - begin)};
    base::Bytes message;
    wire::append_landmark_frame(header, landmarks, true, message);
    return message;
  }

 private:
  explicit LandmarkCoder(const vision::TrackerOptions& options)
      : options_(options), tracker_(options, flow::make_lucas_kanade()) {}

  // Given.
  vision::TrackerOptions options_;
  vision::Pace pace_ = session::pace_of(adapt::Profile::kBalanced,
                                        adapt::settings_of(adapt::Profile::kBalanced).frame_skip);
  // Owned: the networks go before their engine.
  ConsoleWarnings warnings_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<vision::Networks> networks_;
  vision::HolisticTracker tracker_;
  base::GrayImage gray_;
};

}  // namespace

base::Result<std::unique_ptr<FrameCoder>> make_landmark_coder(const std::filesystem::path& models,
                                                              bool quick_hands) {
  return LandmarkCoder::create(models, quick_hands);
}

}  // namespace storysign::app
