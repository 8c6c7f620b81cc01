#include "engine/attention_ops.hpp"

#include "engine/face_attention.hpp"

#include <openvino/frontend/extension/conversion.hpp>
#include <openvino/frontend/node_context.hpp>
#include <openvino/opsets/opset13.hpp>
#include <openvino/runtime/core.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace storysign::engine {
namespace {

namespace ops = ov::opset13;
using ov::frontend::NodeContext;
using Value = ov::Output<ov::Node>;

// Shorthands: every value here is float32 and flows through the graph, none is computed now.
Value floats(const ov::Shape& shape, const std::vector<float>& values) {
  return ops::Constant::create(ov::element::f32, shape, values);
}
Value number(double value) {
  return floats({}, {static_cast<float>(value)});
}
Value integers(const std::vector<std::int64_t>& values) {
  return ops::Constant::create(ov::element::i64, ov::Shape{values.size()}, values);
}
Value add(const Value& a, const Value& b) {
  return std::make_shared<ops::Add>(a, b);
}
Value subtract(const Value& a, const Value& b) {
  return std::make_shared<ops::Subtract>(a, b);
}
Value multiply(const Value& a, const Value& b) {
  return std::make_shared<ops::Multiply>(a, b);
}
Value divide(const Value& a, const Value& b) {
  return std::make_shared<ops::Divide>(a, b);
}
Value reshape(const Value& a, const std::vector<std::int64_t>& shape) {
  return std::make_shared<ops::Reshape>(a, integers(shape), false);
}
Value transpose(const Value& a, const std::vector<std::int64_t>& order) {
  return std::make_shared<ops::Transpose>(a, integers(order));
}
Value pick(const Value& a, const std::vector<std::int64_t>& indices, std::int64_t axis) {
  return std::make_shared<ops::Gather>(a, integers(indices), integers({axis}));
}
Value largest(const Value& a) {
  return std::make_shared<ops::ReduceMax>(a, integers({1}), true);
}
Value smallest(const Value& a) {
  return std::make_shared<ops::ReduceMin>(a, integers({1}), true);
}

/// A point or a direction, x and y each [1, n, 1].
struct Points {
  Value x;
  Value y;
};

Points points_of(const Value& landmarks, const std::vector<std::int64_t>& indices) {
  const Value picked = pick(landmarks, indices, 1);
  return {pick(picked, {0}, 2), pick(picked, {1}, 2)};
}

/// By an angle whose cosine and sine are in `turn`, counted as in x' = x cos - y sin, y' = x sin +
/// y cos.
Points rotate(const Points& points, const Points& turn) {
  return {subtract(multiply(points.x, turn.x), multiply(points.y, turn.y)),
          add(multiply(points.x, turn.y), multiply(points.y, turn.x))};
}

/// The operator's list of landmarks is an array in its options, which the reader does not hand out;
/// the first landmark of its rotation axis says which of the three it is.
std::vector<std::int64_t> subset_of(std::int64_t left_rotation_index) {
  const auto widen = [](std::span<const std::uint16_t> list) {
    return std::vector<std::int64_t>(list.begin(), list.end());
  };
  if (left_rotation_index == kAttentionLips[0]) {
    return widen(kAttentionLips);
  }
  if (left_rotation_index == kAttentionLeftEye[0]) {
    return widen(kAttentionLeftEye);
  }
  OPENVINO_ASSERT(left_rotation_index == 362, "unknown subset of landmarks");
  return widen(kAttentionRightEye);
}

/// The turn that brings the vector from one landmark to another to the x axis. Coinciding landmarks
/// give zeros, which are wrong but finite.
Points turn_to_x_axis(const Value& landmarks, std::int64_t from, std::int64_t to) {
  const Points a = points_of(landmarks, {from});
  const Points b = points_of(landmarks, {to});
  const Value dx = subtract(b.x, a.x);
  const Value dy = subtract(b.y, a.y);
  const Value squares = add(add(multiply(dx, dx), multiply(dy, dy)), number(1e-12));
  const Value length = std::make_shared<ops::Sqrt>(squares);
  return {divide(dx, length), divide(multiply(dy, number(-1.0)), length)};
}

/// Landmarks [1, 468, 3] -> matrix [1, 4, 4] that takes pixel corners of the output crop to those
/// of the input: the box around the subset, upright where the axis lies level, enlarged by the
/// scales.
ov::OutputVector landmarks_to_matrix(const NodeContext& node) {
  const Value landmarks = node.get_input(0);
  const auto left = node.get_attribute<std::int32_t>("left_rotation_idx");
  const auto right = node.get_attribute<std::int32_t>("right_rotation_idx");
  const auto width = static_cast<double>(node.get_attribute<std::int32_t>("output_width"));
  const auto height = static_cast<double>(node.get_attribute<std::int32_t>("output_height"));
  const auto target = node.get_attribute<float>("target_rotation_radians");
  OPENVINO_ASSERT(target == 0.0F, "only a target rotation of 0 is known");

  const Points turn = turn_to_x_axis(landmarks, left, right);
  const Points back{turn.x, multiply(turn.y, number(-1.0))};
  const Points level = rotate(points_of(landmarks, subset_of(left)), turn);
  const Points high{largest(level.x), largest(level.y)};
  const Points low{smallest(level.x), smallest(level.y)};
  const Points centre = rotate(
      {multiply(add(high.x, low.x), number(0.5)), multiply(add(high.y, low.y), number(0.5))}, back);
  const Value step_x =
      multiply(subtract(high.x, low.x), number(node.get_attribute<float>("scale_x") / width));
  const Value step_y =
      multiply(subtract(high.y, low.y), number(node.get_attribute<float>("scale_y") / height));

  // The columns: one pixel of the crop to the right, one down, and where its top left corner is.
  const Points across{multiply(back.x, step_x), multiply(back.y, step_x)};
  const Points down{multiply(multiply(back.y, number(-1.0)), step_y), multiply(back.x, step_y)};
  const Value half_width = number(width / 2.0);
  const Value half_height = number(height / 2.0);
  const Points corner{
      subtract(centre.x, add(multiply(across.x, half_width), multiply(down.x, half_height))),
      subtract(centre.y, add(multiply(across.y, half_width), multiply(down.y, half_height)))};

  const Value zero = floats({1, 1, 1}, {0.0F});
  const Value rest = floats({1, 1, 8}, {0, 0, 1, 0, 0, 0, 0, 1});
  const Value rows = std::make_shared<ops::Concat>(
      ov::OutputVector{across.x, down.x, zero, corner.x, across.y, down.y, zero, corner.y, rest},
      2);
  return {reshape(rows, {1, 4, 4})};
}

/// Picture [1, H, W, C] and matrix -> [1, h, w, C], sampled bilinearly at the pixel centres; 0
/// where the place is outside the centres of the border pixels.
ov::OutputVector transform_tensor(const NodeContext& node) {
  const Value picture = node.get_input(0);
  const Value matrix = node.get_input(1);
  const ov::Shape shape = picture.get_partial_shape().to_shape();
  const auto last_x = static_cast<double>(shape.at(2)) - 1.0;
  const auto last_y = static_cast<double>(shape.at(1)) - 1.0;
  const std::int64_t width = node.get_attribute<std::int32_t>("output_width");
  const std::int64_t height = node.get_attribute<std::int32_t>("output_height");

  std::vector<float> centres;
  centres.reserve(static_cast<std::size_t>(width * height) * 4);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      centres.insert(centres.end(),
                     {static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F, 0.0F, 1.0F});
    }
  }
  const Value grid = floats({1, static_cast<std::size_t>(width * height), 4}, centres);
  const Value corners = std::make_shared<ops::MatMul>(grid, pick(matrix, {0, 1}, 1), false, true);
  const Value places = subtract(corners, number(0.5));

  const Value last = floats({1, 1, 2}, {static_cast<float>(last_x), static_cast<float>(last_y)});
  const Value inside_each =
      std::make_shared<ops::LogicalAnd>(std::make_shared<ops::GreaterEqual>(places, number(0.0)),
                                        std::make_shared<ops::LessEqual>(places, last));
  const Value inside = std::make_shared<ops::ReduceLogicalAnd>(inside_each, integers({2}), true);
  const Value mask = std::make_shared<ops::Convert>(inside, ov::element::f32);

  // GridSample counts from -1 to 1 between the centres of the border pixels.
  const Value to_unit =
      floats({1, 1, 2}, {static_cast<float>(2.0 / last_x), static_cast<float>(2.0 / last_y)});
  const Value unit = subtract(multiply(places, to_unit), number(1.0));
  const ops::GridSample::Attributes bilinear(true, ops::GridSample::InterpolationMode::BILINEAR,
                                             ops::GridSample::PaddingMode::ZEROS);
  const Value sampled = std::make_shared<ops::GridSample>(
      transpose(picture, {0, 3, 1, 2}), reshape(unit, {1, height, width, 2}), bilinear);
  return {multiply(transpose(sampled, {0, 2, 3, 1}), reshape(mask, {1, height, width, 1}))};
}

/// Points [1, n, 2] and matrix -> the points in the input's place: x and y through its first two
/// rows.
ov::OutputVector transform_landmarks(const NodeContext& node) {
  const Value rows = pick(node.get_input(1), {0, 1}, 1);
  const Value turned =
      std::make_shared<ops::MatMul>(node.get_input(0), pick(rows, {0, 1}, 2), false, true);
  return {add(turned, transpose(pick(rows, {3}, 2), {0, 2, 1}))};
}

}  // namespace

void add_attention_ops(ov::Core& core) {
  using ov::frontend::ConversionExtension;
  using ov::frontend::CreatorFunction;
  core.add_extension(std::make_shared<ConversionExtension>("Landmarks2TransformMatrix",
                                                           CreatorFunction(landmarks_to_matrix)));
  core.add_extension(std::make_shared<ConversionExtension>("TransformTensorBilinear",
                                                           CreatorFunction(transform_tensor)));
  core.add_extension(std::make_shared<ConversionExtension>("TransformLandmarks",
                                                           CreatorFunction(transform_landmarks)));
}

}  // namespace storysign::engine
