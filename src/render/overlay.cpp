#include "render/overlay.hpp"

#include "render/topology.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace storysign::render {
namespace {

// Colours of MediaPipe's drawing_styles.py, which lists them as blue, green, red; here red comes
// first.
constexpr Color kRed{255, 48, 48};
constexpr Color kGreen{48, 255, 48};
constexpr Color kBlue{21, 101, 192};
constexpr Color kYellow{255, 204, 0};
constexpr Color kGray{128, 128, 128};
constexpr Color kPurple{128, 64, 128};
constexpr Color kPeach{255, 229, 180};
constexpr Color kWhite{224, 224, 224};
constexpr Color kLeftOrange{255, 138, 0};
constexpr Color kRightCyan{0, 217, 231};

// Sizes in pixels of a 640 x 480 picture, from the same file and from drawing_utils.py.
constexpr float kReferenceDiagonal = 800.0F;
constexpr float kLineWidth = 2.0F;
constexpr float kPalmWidth = 3.0F;
constexpr float kHandDot = 5.0F;
constexpr float kPoseDot = 3.0F;  // A circle of radius 2, drawn with a pen of width 2.
constexpr float kRim = 1.0F;

// MediaPipe draws with the same pens on a hand that fills the picture and on one across the room,
// whose dots then hide its fingers. Hands and faces smaller than its demo's get finer pens, as
// parts of their own size.
constexpr float kHandDotOfPalm = 0.06F;
constexpr float kSmallestHandDot = 2.2F;
constexpr float kFaceLineOfFace = 0.015F;
constexpr float kThinnestFaceLine = 1.2F;

constexpr float kFarAway = 8.0F;  // Pictures; a landmark farther out than that is no landmark.
constexpr Point kNowhere{std::numeric_limits<float>::quiet_NaN(), 0.0F};

struct Group {
  std::span<const Edge> edges;
  Color color;
};

constexpr std::array<Group, 5> kFingers{{{kThumbEdges, kPeach},
                                         {kIndexEdges, kPurple},
                                         {kMiddleEdges, kYellow},
                                         {kRingEdges, kGreen},
                                         {kLittleEdges, kBlue}}};
constexpr std::array<Group, 6> kFace{{{kFaceOvalEdges, kWhite},
                                      {kLipEdges, kWhite},
                                      {kLeftEyeEdges, kGreen},
                                      {kLeftBrowEdges, kGreen},
                                      {kRightEyeEdges, kRed},
                                      {kRightBrowEdges, kRed}}};

/// The picture drawn on, and how much larger than the reference it is.
struct Canvas {
  explicit Canvas(const base::MutableImageView& picture)
      : image(picture),
        width(static_cast<float>(picture.width)),
        height(static_cast<float>(picture.height)),
        scale(std::hypot(width, height) / kReferenceDiagonal) {}

  const base::MutableImageView& image;
  float width;
  float height;
  float scale;

  [[nodiscard]] Point place(float x, float y) const {
    // Written so that it is false for numbers that are not finite.
    if (!(std::abs(x) < kFarAway && std::abs(y) < kFarAway)) return kNowhere;
    return {x * width, y * height};
  }
  [[nodiscard]] float pen(float size) const { return std::max(size * scale, 1.0F); }

  void lines(std::span<const Point> points, const Group& group, float size) const {
    for (const Edge edge : group.edges) {
      draw_line(image, points[edge.from], points[edge.to], pen(size), group.color);
    }
  }
  void rimmed_dot(Point center, float radius, Color color) const {
    draw_dot(image, center, radius + pen(kRim), kWhite);
    draw_dot(image, center, radius, color);
  }
};

float distance(Point a, Point b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

/// `wanted` pixels of the reference picture, or `part` of the pixels of a small thing, but no less
/// than `least`. The order of the arguments makes a length that is not finite count for nothing.
float fitted(const Canvas& canvas, float wanted, float part, float least) {
  return std::max(least, std::min(wanted, part / canvas.scale));
}

void draw_face(const Canvas& canvas, const vision::Face& face) {
  std::array<Point, vision::kFaceLandmarks> points;
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = canvas.place(face[i].x, face[i].y);
  const float size = distance(points[kForehead], points[kChin]);
  const float width = fitted(canvas, kLineWidth, kFaceLineOfFace * size, kThinnestFaceLine);
  for (const Group& group : kFace) canvas.lines(points, group, width);
}

/// Whose dot it is: roots of the fingers and the wrist belong to the palm.
Color hand_dot_color(std::size_t index) {
  // The thumb's first point and the roots of the four fingers: 1, 5, 9, 13, 17.
  if (index == 0 || index % 4 == 1) return kRed;
  return kFingers[(index - 1) / 4].color;
}

void draw_hand(const Canvas& canvas, const vision::Hand& hand) {
  std::array<Point, vision::kHandLandmarks> points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i] = canvas.place(hand.landmarks[i].x, hand.landmarks[i].y);
  }
  canvas.lines(points, {kPalmEdges, kGray}, kPalmWidth);
  for (const Group& finger : kFingers) canvas.lines(points, finger, kLineWidth);
  // Seen from the side a palm is narrow or short, but not both.
  const float palm = std::max(distance(points[0], points[kMiddleRoot]),
                              distance(points[kIndexRoot], points[kLittleRoot]));
  const float radius =
      canvas.pen(fitted(canvas, kHandDot, kHandDotOfPalm * palm, kSmallestHandDot));
  for (std::size_t i = 0; i < points.size(); ++i) {
    canvas.rimmed_dot(points[i], radius, hand_dot_color(i));
  }
}

Color pose_dot_color(std::size_t index) {
  if (index == kNose) return kWhite;
  // The eyes are 1-3 left and 4-6 right; from 7 on, odd is left.
  const bool left = index <= 6 ? index <= 3 : index % 2 == 1;
  return left ? kLeftOrange : kRightCyan;
}

/// What of the body is drawn by somebody else.
struct Covered {
  bool face = false;
  bool left_hand = false;
  bool right_hand = false;

  [[nodiscard]] bool hides(std::size_t index) const {
    if (index <= kLastFacePoint) return face;
    if (index < kLeftWrist || index > kLastHandPoint) return false;
    return index % 2 == 1 ? left_hand : right_hand;
  }
};

using PosePoints = std::array<Point, vision::kPoseLandmarks>;

PosePoints place_pose(const Canvas& canvas, const vision::Pose& pose, float min_visibility) {
  PosePoints points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i] =
        pose[i].visibility >= min_visibility ? canvas.place(pose[i].x, pose[i].y) : kNowhere;
  }
  return points;
}

/// `points` have no place where they are not to be seen; `left` and `right` are the wrists of drawn
/// hands or no place.
void draw_pose(const Canvas& canvas, PosePoints points, const Covered& covered, Point left,
               Point right) {
  draw_line(canvas.image, points[kLeftElbow], left, canvas.pen(kLineWidth), kWhite);
  draw_line(canvas.image, points[kRightElbow], right, canvas.pen(kLineWidth), kWhite);
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (covered.hides(i)) points[i] = kNowhere;
  }
  canvas.lines(points, {kPoseEdges, kWhite}, kLineWidth);
  for (std::size_t i = 0; i < points.size(); ++i) {
    canvas.rimmed_dot(points[i], canvas.pen(kPoseDot), pose_dot_color(i));
  }
}

Point wrist_of(const Canvas& canvas, const std::optional<vision::Hand>& hand, bool drawn) {
  if (!drawn || !hand) return kNowhere;
  return canvas.place(hand->landmarks[0].x, hand->landmarks[0].y);
}

}  // namespace

void OverlayRenderer::draw(const vision::FrameLandmarks& landmarks,
                           const base::MutableImageView& image) const noexcept {
  if (image.view().empty()) return;
  const Canvas canvas(image);
  // From back to front: hands are often held before the face.
  if (options_.face && landmarks.face) draw_face(canvas, *landmarks.face);
  if (options_.pose && landmarks.pose) {
    const Covered covered{.face = options_.face && landmarks.face.has_value(),
                          .left_hand = options_.hands && landmarks.left_hand.has_value(),
                          .right_hand = options_.hands && landmarks.right_hand.has_value()};
    draw_pose(canvas, place_pose(canvas, *landmarks.pose, options_.min_visibility), covered,
              wrist_of(canvas, landmarks.left_hand, options_.hands),
              wrist_of(canvas, landmarks.right_hand, options_.hands));
  }
  if (!options_.hands) return;
  if (landmarks.left_hand) draw_hand(canvas, *landmarks.left_hand);
  if (landmarks.right_hand) draw_hand(canvas, *landmarks.right_hand);
}

}  // namespace storysign::render
