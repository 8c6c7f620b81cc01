#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace storysign::engine {

/// The networks that StorySign knows. Shapes, tensor names and hashes: model_info().
///
/// What goes in and what comes out (read from the files; meanings checked against MediaPipe
/// 0.10.21). "px" are pixels of the input tensor; a logit needs a sigmoid, a probability does not.
/// - pose_detection: side 224, input -1..1. Identity [2254,12] boxes px, Identity_1 [2254] logits.
/// - pose_landmark_*: side 256, input 0..1. Identity [39,5] x y z px, visibility and presence
///   logits; Identity_1 [1] probability of a person; Identity_2 [256,256] mask, nearly as costly
///   as all the rest; Identity_3 [64,64,39] heatmap logits; Identity_4 [39,3] metres.
/// - hand_recrop: side 256, input 0..1. output_crop [2,2] x y px of centre and scale point.
/// - hand_landmark_*: side 224, input 0..1. Identity [21,3] px, Identity_1 [1] probability of a
///   hand, Identity_2 [1] probability of one handedness, Identity_3 [21,3] metres.
/// - palm_detection_*: side 192, input 0..1. Identity [2016,18] boxes px, Identity_1 [2016] logits.
/// - face_detection_short_range: side 128, input -1..1. regressors [896,16] boxes px,
///   classificators [896] logits.
/// - face_landmark: side 192, input 0..1. conv2d_21 [468,3] px, conv2d_31 [1] logit.
/// - face_landmark_with_attention: side 192, input 0..1. output_mesh_identity [468,3] px,
///   output_lips [80,2], output_left_eye and output_right_eye [71,2], output_left_iris and
///   output_right_iris [5,2] px, conv_faceflag [1] logit. Which landmark each point is:
///   face_attention.hpp.
/// - letters: the project's own (training/). Input [394] features of a hand
///   (practice/letter_features.hpp), letters [26] calibrated probabilities of A to Z.
enum class Model : std::uint8_t {
  kPoseDetection,
  kPoseLandmarkLite,
  kPoseLandmarkFull,
  kPoseLandmarkHeavy,
  kHandRecrop,
  kHandLandmarkLite,
  kHandLandmarkFull,
  kPalmDetectionLite,
  kPalmDetectionFull,
  kFaceDetectionShortRange,
  kFaceLandmark,
  kFaceLandmarkWithAttention,
  kLetters,
};
inline constexpr std::size_t kModelCount = 13;

/// One output tensor: its name in the file and how many floats it holds.
struct OutputInfo {
  std::string_view name;
  std::size_t size = 0;
};

/// Where the bytes of a model come from.
enum class ModelHome : std::uint8_t {
  kFolder,   ///< A .tflite file in the model folder, unpacked by `make setup`.
  kProgram,  ///< An .onnx file of the project's models/, built into the program.
};

/// What is fixed about a model. Input is float32: of a picture NHWC [1, side, side, 3], RGB, of
/// anything else [1, input_size].
struct ModelInfo {
  Model model;
  std::string_view name;    ///< For people: "pose_landmark_full".
  std::string_view file;    ///< Name in its home.
  std::string_view sha256;  ///< Of the whole file, lower-case hex.
  std::size_t bytes;        ///< Size of the file.
  std::size_t input_size;   ///< Floats that go in.
  std::span<const OutputInfo> outputs;
  ModelHome home = ModelHome::kFolder;
};

/// The row of `model`; lives as long as the program. Any thread.
[[nodiscard]] const ModelInfo& model_info(Model model) noexcept;

/// Every row, in the order of the enum. Any thread.
[[nodiscard]] std::span<const ModelInfo> all_models() noexcept;

}  // namespace storysign::engine
