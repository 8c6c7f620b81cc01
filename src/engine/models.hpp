#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace storysign::engine {

/// The networks that StorySign knows. Shapes, tensor names and hashes: model_info().
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
};
inline constexpr std::size_t kModelCount = 11;

/// One output tensor: its name in the file and how many floats it holds.
struct OutputInfo {
  std::string_view name;
  std::size_t size = 0;
};

/// What is fixed about a model file. Input is always float32 NHWC [1, side, side, 3], RGB.
struct ModelInfo {
  Model model;
  std::string_view name;    ///< For people: "pose_landmark_full".
  std::string_view file;    ///< Name in the model folder.
  std::string_view sha256;  ///< Of the whole file, lower-case hex.
  std::size_t bytes;        ///< Size of the file.
  int side;                 ///< Input width and height in pixels.
  std::span<const OutputInfo> outputs;
};

[[nodiscard]] const ModelInfo& model_info(Model model) noexcept;
[[nodiscard]] std::span<const ModelInfo> all_models() noexcept;

}  // namespace storysign::engine
