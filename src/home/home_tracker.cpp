#include "home/home_tracker.hpp"

#include "flow/lucas_kanade.hpp"
#include "session/pace.hpp"
#include "vision/picture.hpp"
#include "wire/binary.hpp"
#include "wire/landmark_frame.hpp"

#include <utility>

namespace storysign::home {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

constexpr std::size_t kRgba = 4;
constexpr std::size_t kRgb = 3;

}  // namespace

vision::TrackerOptions home_options() noexcept {
  vision::TrackerOptions options;
  options.complexity = 0;
  options.min_detection_confidence = 0.3F;
  options.min_tracking_confidence = 0.3F;
  return options;
}

HomeTracker::HomeTracker(std::unique_ptr<vision::Networks> networks,
                         base::SteadyTime (*now)() noexcept)
    : now_(now),
      networks_(std::move(networks)),
      tracker_(home_options(), flow::make_lucas_kanade()),
      controller_({}, now()) {}

base::Result<std::unique_ptr<HomeTracker>> HomeTracker::create(engine::Engine& engine,
                                                               base::SteadyTime (*now)() noexcept) {
  auto networks = vision::Networks::create(engine, home_options());
  if (!networks) return tl::unexpected(std::move(networks).error());
  return std::unique_ptr<HomeTracker>(new HomeTracker(std::move(*networks), now));
}

void HomeTracker::choose(std::optional<adapt::Profile> profile) noexcept {
  if (profile) {
    controller_.pin(*profile, adapt::Reason::kClient, now_());
  } else {
    controller_.set_auto(now_());
  }
}

void HomeTracker::reset() noexcept {
  tracker_.reset();
}

std::span<std::uint8_t> HomeTracker::picture(int width, int height) {
  width_ = width;
  height_ = height;
  rgba_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * kRgba);
  return rgba_;
}

base::Result<void> HomeTracker::track(const HomeFrame& frame) {
  if (rgba_.empty()) {
    return base::fail(base::ErrorCode::kInvalidInput, "There is no picture to find landmarks in.");
  }
  const base::SteadyTime begin = now_();
  const adapt::Quality& quality = controller_.quality();
  pack_colours();
  vision::ColourPicture picture(colours_.view(), gray_);
  const auto found = tracker_.process_fast(picture, frame.capture_time, *networks_,
                                           session::pace_of(quality.profile, quality.frame_skip));
  if (!found) return tl::unexpected(found.error());
  const base::SteadyTime end = now_();
  const auto vision = duration_cast<microseconds>(end - begin);
  write(frame, **found, vision);
  // Nobody else is served here: a frame is as old as it was in work.
  const microseconds service = frame.spent + vision;
  controller_.on_answer({.age = service,
                         .queue = {},
                         .service = service,
                         .has_picture = false,
                         .bytes = message_.size()},
                        end);
  return {};
}

void HomeTracker::pack_colours() noexcept {
  colours_.resize(width_, height_);
  const std::uint8_t* from = rgba_.data();
  std::uint8_t* to = colours_.mutable_view().data;
  for (std::size_t left = rgba_.size() / kRgba; left > 0; --left, from += kRgba, to += kRgb) {
    to[0] = from[0];
    to[1] = from[1];
    to[2] = from[2];
  }
}

void HomeTracker::write(const HomeFrame& frame, const vision::FrameLandmarks& found,
                        microseconds vision) {
  const adapt::Quality& quality = controller_.quality();
  const bool hands_only = found.mode == vision::TrackingMode::kHands;
  const auto width = static_cast<std::uint16_t>(width_);
  const auto height = static_cast<std::uint16_t>(height_);
  const auto profile = static_cast<wire::AnswerProfile>(quality.profile);
  message_.clear();
  wire::append_landmark_frame({.inferred = found.inferred.any(),
                               .hands_only = hands_only,
                               .frame_number = frame.number,
                               .capture_time = frame.capture_time,
                               .width = width,
                               .height = height,
                               .latency = frame.latency,
                               .client_dropped = frame.dropped,
                               .profile = profile,
                               .skip_reason = wire::skip_of(found),
                               .vision_time = vision},
                              found, true, message_);
  wire::AnswerHeader header;
  header.success = true;
  header.inferred = found.inferred.any();
  header.hands_only = hands_only;
  header.frame_number = frame.number;
  header.capture_time = frame.capture_time;
  header.width = width;
  header.height = height;
  header.profile = profile;
  header.skip_reason = wire::skip_of(found);
  header.quality_reason = static_cast<std::uint8_t>(quality.reason);
  header.frame_skip = static_cast<std::uint8_t>(quality.frame_skip);
  header.vision_time = vision;
  header.total_time = frame.spent + vision;
  answer_.clear();
  wire::append_answer(header, {.landmarks = &found, .face_mesh = true}, answer_);
}

}  // namespace storysign::home
