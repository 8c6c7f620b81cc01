#include "practice/sign_clip.hpp"

#include "practice/sign_tracks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>

namespace storysign::practice {
namespace {

// The grid on which is interpolated and smoothed; every second frame of it is kept.
constexpr int kGridRate = 2 * kClipRate;
// Slower than this is still: shoulder widths a second. Jitter of a hand at rest stays below.
constexpr float kStill = 0.35F;

std::size_t frames_on_grid(const Recording& recording) {
  std::chrono::microseconds end = recording.front().time;
  for (const Observation& seen : recording) {
    end = std::max(end, seen.time);
  }
  // Compared before subtracting: times are what a client says.
  const std::chrono::microseconds longest = kLongestClip;
  const auto span =
      static_cast<double>(end.count()) - static_cast<double>(recording.front().time.count());
  const double seconds =
      std::clamp(span / 1e6, 0.0, std::chrono::duration<double>(longest).count());
  return static_cast<std::size_t>(seconds * kGridRate) + 1;
}

float distance(Point2 a, Point2 b) noexcept {
  return std::hypot(a.x - b.x, a.y - b.y);
}

/// Rotation, scale and origin of the body, from picture heights to shoulder widths.
struct BodyFrame {
  float scale = 1.0F;
  float cosine = 1.0F;
  float sine = 0.0F;
  std::vector<Point2> origins;  // Of each frame of the grid.

  [[nodiscard]] Point2 to_body(Point2 p, std::size_t frame) const noexcept {
    const float x = (p.x - origins[frame].x) / scale;
    const float y = (p.y - origins[frame].y) / scale;
    return {.x = x * cosine + y * sine, .y = y * cosine - x * sine};
  }
};

struct Shoulders {
  Point2 left;
  Point2 right;
};

float median(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Where the shoulders of a face would be. In the sign clips they are 2.03 face heights (forehead
/// to chin) apart and lie 0.56 shoulder widths below the nose.
Shoulders shoulders_below(const ClipFace& face) noexcept {
  const Point2 top = face[face_point(10)];
  const Point2 chin = face[face_point(152)];
  const Point2 nose = face[face_point(1)];
  const Point2 down{.x = chin.x - top.x, .y = chin.y - top.y};
  constexpr float kWidth = 2.03F;
  constexpr float kBelow = 0.56F * kWidth;
  const Point2 middle{.x = nose.x + kBelow * down.x, .y = nose.y + kBelow * down.y};
  // Across the face: down, turned to the signer's left, which is right in the picture.
  const Point2 half{.x = down.y * kWidth / 2, .y = -down.x * kWidth / 2};
  return {.left = {.x = middle.x + half.x, .y = middle.y + half.y},
          .right = {.x = middle.x - half.x, .y = middle.y - half.y}};
}

std::vector<std::optional<Shoulders>> shoulders_of(const Tracks& tracks) {
  std::vector<std::optional<Shoulders>> out(tracks.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto& body = tracks.frames[i].body;
    if (body[kLeftShoulder] && body[kLeftShoulder + 1]) {
      out[i] = Shoulders{.left = *body[kLeftShoulder], .right = *body[kLeftShoulder + 1]};
    }
  }
  if (std::any_of(out.begin(), out.end(), [](const auto& s) { return s.has_value(); })) return out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (tracks.frames[i].face) out[i] = shoulders_below(*tracks.frames[i].face);
  }
  return out;
}

/// Origins averaged over half a second to each side: the body of a seated signer moves slowly, and
/// the jitter of its landmarks must not shake the hands.
std::vector<Point2> smooth_origins(const std::vector<std::optional<Shoulders>>& shoulders) {
  constexpr std::size_t kReach = kGridRate / 2;
  std::vector<std::optional<Point2>> middles(shoulders.size());
  for (std::size_t i = 0; i < shoulders.size(); ++i) {
    if (!shoulders[i]) continue;
    middles[i] = Point2{.x = (shoulders[i]->left.x + shoulders[i]->right.x) / 2,
                        .y = (shoulders[i]->left.y + shoulders[i]->right.y) / 2};
  }
  fill_from_neighbours(middles);
  std::vector<Point2> out(shoulders.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t first = i - std::min(i, kReach);
    const std::size_t last = std::min(i + kReach, out.size() - 1);
    Point2 sum;
    for (std::size_t k = first; k <= last; ++k) {
      sum.x += middles[k]->x;
      sum.y += middles[k]->y;
    }
    const auto n = static_cast<float>(last - first + 1);
    out[i] = {.x = sum.x / n, .y = sum.y / n};
  }
  return out;
}

std::optional<BodyFrame> body_frame(const Tracks& tracks) {
  const auto shoulders = shoulders_of(tracks);
  std::vector<float> widths;
  std::vector<float> angles;
  for (const auto& s : shoulders) {
    if (!s) continue;
    widths.push_back(distance(s->left, s->right));
    angles.push_back(std::atan2(s->left.y - s->right.y, s->left.x - s->right.x));
  }
  // Below two hundredths of the picture's height nothing can be read off a hand.
  if (widths.empty() || median(widths) < 0.02F) return std::nullopt;
  BodyFrame out;
  out.scale = median(widths);
  const float roll = median(angles);
  out.cosine = std::cos(roll);
  out.sine = std::sin(roll);
  out.origins = smooth_origins(shoulders);
  return out;
}

void to_body(Tracks& tracks, const BodyFrame& body) {
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    ClipFrame& frame = tracks.frames[i];
    for (auto& p : frame.body) {
      if (p) p = body.to_body(*p, i);
    }
    for (auto& hand : frame.hands) {
      if (!hand) continue;
      for (Point3& p : *hand) {
        const Point2 flat = body.to_body({.x = p.x, .y = p.y}, i);
        p = {.x = flat.x, .y = flat.y, .z = p.z / body.scale};
      }
    }
    if (!frame.face) continue;
    for (Point2& p : *frame.face) {
      p = body.to_body(p, i);
    }
  }
}

/// How a palm moves and where it is at its lowest and highest.
struct PalmPath {
  std::vector<std::optional<Point2>> at;
  std::vector<float> speed;  // Shoulder widths a second; 0 where unknown.
  float lowest = 0.0F;
  float highest = 0.0F;
};

PalmPath palm_path(const std::vector<ClipFrame>& frames, Side side) {
  PalmPath out;
  out.speed.resize(frames.size());
  std::vector<float> heights;
  for (const ClipFrame& frame : frames) {
    out.at.push_back(palm_of(frame, side));
    if (out.at.back()) heights.push_back(out.at.back()->y);
  }
  for (std::size_t i = 1; i + 1 < frames.size(); ++i) {
    if (out.at[i - 1] && out.at[i + 1]) {
      out.speed[i] = distance(*out.at[i - 1], *out.at[i + 1]) * kClipRate / 2;
    }
  }
  if (!heights.empty()) {
    const auto [low, high] = std::minmax_element(heights.begin(), heights.end());
    out.highest = *low;
    out.lowest = *high;
  }
  return out;
}

/// At rest: hanging, or still at the lowest place of a hand that was also much higher (on a table
/// that stands high in the picture).
bool rests(const PalmPath& path, std::size_t frame) noexcept {
  if (!path.at[frame]) return true;
  const float y = path.at[frame]->y;
  if (y > kRestHeight) return true;
  return y > 0.8F && path.lowest - path.highest > 0.4F && y > path.lowest - 0.12F &&
         path.speed[frame] < kStill;
}

/// Cuts off what comes before and after the signing, but for a margin of one frame.
void trim(Clip& clip) {
  const PalmPath right = palm_path(clip.frames, kRightHand);
  const PalmPath left = palm_path(clip.frames, kLeftHand);
  std::size_t first = 0;
  std::size_t last = clip.frames.size();
  while (first < last && rests(right, first) && rests(left, first)) {
    ++first;
  }
  while (last > first && rests(right, last - 1) && rests(left, last - 1)) {
    --last;
  }
  if (first == last) {
    clip.frames.clear();
    return;
  }
  first -= std::min<std::size_t>(first, 1);
  last = std::min(last + 1, clip.frames.size());
  clip.start += kClipStep * static_cast<std::int64_t>(first);
  clip.frames.erase(clip.frames.begin() + static_cast<std::ptrdiff_t>(last), clip.frames.end());
  clip.frames.erase(clip.frames.begin(), clip.frames.begin() + static_cast<std::ptrdiff_t>(first));
}

}  // namespace

std::optional<Point2> palm_of(const ClipFrame& frame, Side side) noexcept {
  if (const auto& hand = frame.hands[side]) {
    // Wrist and the roots of index and little finger.
    return Point2{.x = ((*hand)[0].x + (*hand)[5].x + (*hand)[17].x) / 3,
                  .y = ((*hand)[0].y + (*hand)[5].y + (*hand)[17].y) / 3};
  }
  const std::size_t right = side == kRightHand ? 1 : 0;
  const auto& wrist = frame.body[kLeftWrist + right];
  const auto& elbow = frame.body[kLeftElbow + right];
  if (!wrist) return std::nullopt;
  if (!elbow) return wrist;
  // The middle of the palm lies a quarter of the forearm's length beyond the wrist.
  return Point2{.x = wrist->x + (wrist->x - elbow->x) / 4,
                .y = wrist->y + (wrist->y - elbow->y) / 4};
}

void find_used_hands(Clip& clip) {
  for (const Side side : {kRightHand, kLeftHand}) {
    const PalmPath path = palm_path(clip.frames, side);
    std::size_t raised = 0;
    std::size_t unseen = 0;
    float travelled = 0.0F;
    for (std::size_t i = 0; i < clip.frames.size(); ++i) {
      if (!path.at[i] || path.at[i]->y > kRestHeight) continue;
      ++raised;
      travelled += path.speed[i] / kClipRate;
      if (!clip.frames[i].hands[side]) ++unseen;
    }
    // A hand that lies still below the chest all the time rests too, wherever that is.
    const bool lies = path.highest > 0.8F && travelled < 0.25F;
    clip.used[side] = raised * 4 > clip.frames.size() && !lies;
    clip.out_of_view[side] =
        clip.used[side] ? static_cast<float>(unseen) / static_cast<float>(raised) : 0.0F;
  }
  // Both lie: whatever is raised is meant then (a hand that is held still may be a sign).
  if (clip.used[kRightHand] || clip.used[kLeftHand]) return;
  for (const Side side : {kRightHand, kLeftHand}) {
    const PalmPath path = palm_path(clip.frames, side);
    const auto raised = std::count_if(path.at.begin(), path.at.end(),
                                      [](const auto& p) { return p && p->y < kRestHeight; });
    clip.used[side] = static_cast<std::size_t>(raised) * 4 > clip.frames.size();
  }
}

ClipResult make_clip(const Recording& recording) {
  if (recording.empty()) return {.clip = {}, .why = NoClip::kNothing};
  Tracks tracks = sample(recording, kGridRate, frames_on_grid(recording));
  const auto body = body_frame(tracks);
  if (!body) {
    return {.clip = {}, .why = tracks.is_empty() ? NoClip::kNothing : NoClip::kNoBody};
  }
  to_body(tracks, *body);
  smooth(tracks);
  Clip clip;
  clip.has_depth = tracks.has_depth;
  for (std::size_t i = 0; i < tracks.size(); i += 2) {
    clip.frames.push_back(tracks.frames[i]);
  }
  trim(clip);
  const bool any_hand = std::any_of(clip.frames.begin(), clip.frames.end(), [](const ClipFrame& f) {
    return f.hands[kRightHand] || f.hands[kLeftHand];
  });
  if (!any_hand) return {.clip = {}, .why = NoClip::kNoHands};
  if (clip.duration() < kShortestClip) return {.clip = {}, .why = NoClip::kTooShort};
  find_used_hands(clip);
  // Without one there is nothing to compare, and everything would be alike.
  if (!clip.used[kRightHand] && !clip.used[kLeftHand]) return {.clip = {}, .why = NoClip::kNoHands};
  return {.clip = std::move(clip), .why = {}};
}

Clip mirrored(const Clip& clip) {
  // Pairs of FacePoints that change places: brows from outside to inside, eyes, mouth corners,
  // temples, cheeks.
  static constexpr std::array<std::array<std::uint16_t, 2>, 12> kFacePairs = {{{70, 300},
                                                                               {63, 293},
                                                                               {105, 334},
                                                                               {66, 296},
                                                                               {107, 336},
                                                                               {33, 263},
                                                                               {133, 362},
                                                                               {159, 386},
                                                                               {145, 374},
                                                                               {61, 291},
                                                                               {234, 454},
                                                                               {50, 280}}};
  Clip out = clip;
  std::swap(out.used[0], out.used[1]);
  std::swap(out.out_of_view[0], out.out_of_view[1]);
  for (ClipFrame& frame : out.frames) {
    std::swap(frame.hands[0], frame.hands[1]);
    for (std::size_t i = 1; i < frame.body.size(); i += 2) {
      std::swap(frame.body[i], frame.body[i + 1]);
    }
    for (auto& p : frame.body) {
      if (p) p->x = -p->x;
    }
    for (auto& hand : frame.hands) {
      if (!hand) continue;
      for (Point3& p : *hand) {
        p.x = -p.x;
      }
    }
    if (!frame.face) continue;
    for (const auto& [a, b] : kFacePairs) {
      std::swap((*frame.face)[face_point(a)], (*frame.face)[face_point(b)]);
    }
    for (Point2& p : *frame.face) {
      p.x = -p.x;
    }
  }
  return out;
}

}  // namespace storysign::practice
