#include "practice/features.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

namespace storysign::practice {
namespace {

struct Vector3 {
  float x = 0.0F;
  float y = 0.0F;
  float z = 0.0F;
};

Vector3 minus(const Point3& a, const Point3& b) noexcept {
  return {.x = a.x - b.x, .y = a.y - b.y, .z = a.z - b.z};
}
float dot(const Vector3& a, const Vector3& b) noexcept {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
Vector3 cross(const Vector3& a, const Vector3& b) noexcept {
  return {.x = a.y * b.z - a.z * b.y, .y = a.z * b.x - a.x * b.z, .z = a.x * b.y - a.y * b.x};
}
/// Of length 1, or zero where there is no direction.
Vector3 unit(const Vector3& v) noexcept {
  const float length = std::sqrt(dot(v, v));
  if (length < 1e-6F) return {};
  return {.x = v.x / length, .y = v.y / length, .z = v.z / length};
}

Point2 flat(const Point3& p) noexcept {
  return {.x = p.x, .y = p.y};
}
float distance(Point2 a, Point2 b) noexcept {
  return std::hypot(a.x - b.x, a.y - b.y);
}
Point2 middle(Point2 a, Point2 b) noexcept {
  return {.x = (a.x + b.x) / 2, .y = (a.y + b.y) / 2};
}

// Joints of each finger: root, middle joint and tip, by MediaPipe's numbers.
constexpr std::array<std::array<std::size_t, 3>, kFingers> kJoints = {
    {{1, 2, 4}, {5, 6, 8}, {9, 10, 12}, {13, 14, 16}, {17, 18, 20}}};

/// The hand as if it were a right one.
ClipHand as_right(const ClipHand& hand, Side side) noexcept {
  ClipHand out = hand;
  if (side == kRightHand) return out;
  for (Point3& p : out) {
    p.x = -p.x;
  }
  return out;
}

void put_shape(const ClipHand& hand, HandFeatures& out) noexcept {
  const Vector3 along = unit(minus(hand[9], hand[0]));
  const Vector3 out_of_palm = unit(cross(minus(hand[5], hand[0]), minus(hand[17], hand[0])));
  const Vector3 across = cross(along, out_of_palm);
  std::size_t at = 0;
  for (const auto& [root, joint, tip] : kJoints) {
    for (const Vector3& part :
         {unit(minus(hand[joint], hand[root])), unit(minus(hand[tip], hand[joint]))}) {
      out.shape[at++] = dot(part, across);
      out.shape[at++] = dot(part, along);
      out.shape[at++] = dot(part, out_of_palm);
    }
  }
}

void put_flat_shape(const ClipHand& hand, HandFeatures& out) noexcept {
  const Point2 wrist = flat(hand[0]);
  const float length = distance(wrist, flat(hand[9]));
  const float width = distance(flat(hand[5]), flat(hand[17]));
  // A palm is about 1.5 times as long as its knuckles are wide; a foreshortened one shows at least
  // one of the two.
  const float size = std::max({length, 1.5F * width, 1e-4F});
  // The direction is worth nothing where the palm points at the camera: it then stays as it is.
  const float trust = std::min(length / (0.4F * size), 1.0F);
  const Point2 up{.x = (hand[9].x - wrist.x) * trust, .y = (hand[9].y - wrist.y) * trust - 1e-3F};
  const float norm = std::hypot(up.x, up.y);
  const float cosine = -up.y / norm;
  const float sine = up.x / norm;
  std::size_t at = 0;
  for (const auto& [root, joint, tip] : kJoints) {
    for (const std::size_t p : {joint, tip}) {
      const float x = (hand[p].x - wrist.x) / size;
      const float y = (hand[p].y - wrist.y) / size;
      out.flat_shape[at++] = x * cosine + y * sine;
      out.flat_shape[at++] = y * cosine - x * sine;
    }
  }
}

void put_orientation(const ClipHand& hand, Side side, HandFeatures& out) noexcept {
  const Point2 wrist = flat(hand[0]);
  const float length = distance(wrist, flat(hand[9]));
  const float size = std::max({length, 1.5F * distance(flat(hand[5]), flat(hand[17])), 1e-4F});
  const float mirror = side == kRightHand ? 1.0F : -1.0F;
  out.orientation[0] = (hand[9].x - wrist.x) * mirror / size;
  out.orientation[1] = (hand[9].y - wrist.y) / size;
  const float area = (hand[5].x - wrist.x) * (hand[17].y - wrist.y) -
                     (hand[5].y - wrist.y) * (hand[17].x - wrist.x);
  // A palm that is seen from straight ahead spans about half of its size squared.
  out.orientation[2] = std::clamp(2 * area * mirror / (size * size), -1.0F, 1.0F);
}

void put_location(const ClipFrame& frame, Side side, HandFeatures& out) noexcept {
  const auto palm = palm_of(frame, side);
  if (!palm) return;
  out.has_location = true;
  const auto& hand = frame.hands[side];
  const Point2 index = hand ? flat((*hand)[8]) : *palm;
  const Point2 thumb = hand ? flat((*hand)[4]) : *palm;
  out.location = {palm->x, palm->y, index.x, index.y};
  const auto places = face_places(frame);
  if (!places) return;
  for (std::size_t i = 0; i < kFacePlaces; ++i) {
    const Point2 place = (*places)[i];
    const float nearest =
        std::min({distance(*palm, place), distance(index, place), distance(thumb, place)});
    // Falls to a third within a third of a shoulder width, about the width of a palm: contact with
    // mouth or chin tells signs apart that differ by a few centimetres.
    out.location[4 + i] = std::exp(-nearest / 0.3F) / 2;
  }
}

/// Velocities over one step to each side, in shoulder widths a second.
std::vector<std::optional<Point2>> velocities(const Clip& clip, Side side) {
  std::vector<std::optional<Point2>> palms;
  palms.reserve(clip.frames.size());
  for (const ClipFrame& frame : clip.frames) {
    palms.push_back(palm_of(frame, side));
  }
  std::vector<std::optional<Point2>> out(palms.size());
  for (std::size_t i = 0; i < palms.size(); ++i) {
    const std::size_t before = i - std::min<std::size_t>(i, 1);
    const std::size_t after = std::min(i + 1, palms.size() - 1);
    if (!palms[before] || !palms[after] || before == after) continue;
    const float rate = kClipRate / static_cast<float>(after - before);
    out[i] = Point2{.x = (palms[after]->x - palms[before]->x) * rate,
                    .y = (palms[after]->y - palms[before]->y) * rate};
  }
  return out;
}

void put_movement(const Clip& clip, Side side, std::vector<FrameFeatures>& frames) {
  const auto found = velocities(clip, side);
  float squares = 0.0F;
  float count = 0.0F;
  for (const auto& v : found) {
    if (!v) continue;
    squares += v->x * v->x + v->y * v->y;
    count += 1.0F;
  }
  // Half a shoulder width a second: jitter of a hand that is held must not become a direction.
  const float typical = 0.5F + (count > 0.0F ? std::sqrt(squares / count) : 0.0F);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!found[i]) continue;
    HandFeatures& hand = frames[i].hands[side];
    hand.speed = std::hypot(found[i]->x, found[i]->y);
    const float scale = 1.0F / (typical + hand.speed / 2);
    hand.direction = {found[i]->x * scale, found[i]->y * scale};
  }
}

float weight_of(const ClipFrame& frame, const std::array<bool, 2>& used) noexcept {
  float highest = kRestHeight;
  for (const Side side : {kRightHand, kLeftHand}) {
    if (!used[side]) continue;
    if (const auto palm = palm_of(frame, side)) highest = std::min(highest, palm->y);
  }
  // In full from 1.0 below the shoulders up, a third where hands rest.
  return std::clamp(0.3F + 0.7F * (kRestHeight - highest) / 0.3F, 0.3F, 1.0F);
}

template <std::size_t N>
float square_distance(const std::array<float, N>& a, const std::array<float, N>& b) noexcept {
  std::array<float, 4> sums{};  // Four at a time, which the compiler can turn into one instruction.
  std::size_t i = 0;
  for (; i + 4 <= N; i += 4) {
    for (std::size_t k = 0; k < 4; ++k) {
      const float d = a[i + k] - b[i + k];
      sums[k] += d * d;
    }
  }
  for (; i < N; ++i) {
    const float d = a[i] - b[i];
    sums[0] += d * d;
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// What is taken where one of two hands is not in view: about what examples of one sign differ by,
// so that it neither helps nor harms.
constexpr float kUnknownShape = 0.3F;

float shape_distance(const HandFeatures& a, const HandFeatures& b, bool use_depth) noexcept {
  if (!a.has_shape || !b.has_shape) return kUnknownShape;
  // Root mean square over the parts; 1 is a right angle everywhere, and flat shapes alike.
  const float bones = use_depth ? std::sqrt(square_distance(a.shape, b.shape) / 10.0F)
                                : std::sqrt(square_distance(a.flat_shape, b.flat_shape) / 5.0F);
  const float turned = std::sqrt(square_distance(a.orientation, b.orientation));
  return std::min(0.65F * bones + 0.25F * turned, 1.0F);
}

float location_distance(const HandFeatures& a, const HandFeatures& b) noexcept {
  if (!a.has_location || !b.has_location) return 0.5F;
  float palm = 0.0F;
  float tip = 0.0F;
  float near = 0.0F;
  for (std::size_t i = 0; i < 2; ++i) {
    palm += (a.location[i] - b.location[i]) * (a.location[i] - b.location[i]);
    tip += (a.location[i + 2] - b.location[i + 2]) * (a.location[i + 2] - b.location[i + 2]);
  }
  for (std::size_t i = 4; i < a.location.size(); ++i) {
    near += (a.location[i] - b.location[i]) * (a.location[i] - b.location[i]);
  }
  return std::min(std::sqrt(palm * kPalmShare + tip * (1.0F - kPalmShare) + near), 1.0F);
}

float movement_distance(const HandFeatures& a, const HandFeatures& b) noexcept {
  const float x = a.direction[0] - b.direction[0];
  const float y = a.direction[1] - b.direction[1];
  return std::min(std::sqrt(x * x + y * y) / 1.5F, 1.0F);
}

}  // namespace

std::optional<std::array<Point2, kFacePlaces>> face_places(const ClipFrame& frame) noexcept {
  if (frame.face) {
    const ClipFace& f = *frame.face;
    return std::array{f[face_point(10)], f[face_point(1)],
                      middle(f[face_point(13)], f[face_point(14)]), f[face_point(152)]};
  }
  const auto& b = frame.body;
  if (!b[kNose] || !b[kLeftEye] || !b[kLeftEye + 1] || !b[kLeftMouth] || !b[kLeftMouth + 1]) {
    return std::nullopt;
  }
  const Point2 eyes = middle(*b[kLeftEye], *b[kLeftEye + 1]);
  const Point2 mouth = middle(*b[kLeftMouth], *b[kLeftMouth + 1]);
  const Point2 down{.x = mouth.x - eyes.x, .y = mouth.y - eyes.y};
  // In the sign clips the mesh's forehead lies 0.76 of the way from eyes to mouth above the eyes,
  // its chin 0.67 of it below the mouth.
  return std::array{Point2{.x = eyes.x - 0.76F * down.x, .y = eyes.y - 0.76F * down.y}, *b[kNose],
                    mouth, Point2{.x = mouth.x + 0.67F * down.x, .y = mouth.y + 0.67F * down.y}};
}

ClipFeatures features_of(const Clip& clip) {
  ClipFeatures out;
  out.used = clip.used;
  out.has_depth = clip.has_depth;
  out.frames.resize(clip.frames.size());
  for (const Side side : {kRightHand, kLeftHand}) {
    for (std::size_t i = 0; i < clip.frames.size(); ++i) {
      HandFeatures& features = out.frames[i].hands[side];
      put_location(clip.frames[i], side, features);
      const auto& hand = clip.frames[i].hands[side];
      if (!hand) continue;
      const ClipHand right = as_right(*hand, side);
      put_shape(right, features);
      put_flat_shape(right, features);
      put_orientation(*hand, side, features);
      features.has_shape = true;
    }
    put_movement(clip, side, out.frames);
  }
  for (std::size_t i = 0; i < clip.frames.size(); ++i) {
    out.frames[i].weight = weight_of(clip.frames[i], clip.used);
  }
  return out;
}

ChannelDistances distances(const FrameFeatures& reference, const FrameFeatures& attempt,
                           const Comparison& what) noexcept {
  ChannelDistances out;
  float hands = 0.0F;
  for (const Side side : {kRightHand, kLeftHand}) {
    if (!what.hands[side]) continue;
    const HandFeatures& a = reference.hands[side];
    const HandFeatures& b = attempt.hands[side];
    out.shape += shape_distance(a, b, what.use_depth);
    out.location += location_distance(a, b);
    out.movement += movement_distance(a, b);
    hands += 1.0F;
  }
  if (hands > 1.0F) {
    out.shape /= hands;
    out.location /= hands;
    out.movement /= hands;
  }
  // A hand that takes part and should not: worth a place that is wrong by half.
  for (const bool surplus : what.surplus) {
    if (surplus) out.location = std::min(out.location + 0.25F, 1.0F);
  }
  return out;
}

float bend_of(const HandFeatures& hand, std::size_t finger) noexcept {
  const std::span part(hand.shape.data() + finger * 6, 6);
  const float cosine = part[0] * part[3] + part[1] * part[4] + part[2] * part[5];
  return std::acos(std::clamp(cosine, -1.0F, 1.0F)) * 180.0F / std::numbers::pi_v<float>;
}

}  // namespace storysign::practice
