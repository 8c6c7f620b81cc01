#include "engine/models.hpp"

#include <array>

namespace storysign::engine {
namespace {

/// Floats of a picture with `side` pixels a side, in three colours.
constexpr std::size_t picture(std::size_t side) {
  return side * side * 3;
}

// Names and shapes as the files state them; what the numbers mean is said in models.hpp.
constexpr std::array kPoseDetectionOutputs{
    OutputInfo{"Identity", 2254 * 12},
    OutputInfo{"Identity_1", 2254},
};
constexpr std::array kPoseLandmarkOutputs{
    OutputInfo{"Identity", 39 * 5},      OutputInfo{"Identity_1", 1},
    OutputInfo{"Identity_2", 256 * 256}, OutputInfo{"Identity_3", 64 * 64 * 39},
    OutputInfo{"Identity_4", 39 * 3},
};
constexpr std::array kHandRecropOutputs{OutputInfo{"output_crop", 4}};
constexpr std::array kHandLandmarkOutputs{
    OutputInfo{"Identity", 21 * 3},
    OutputInfo{"Identity_1", 1},
    OutputInfo{"Identity_2", 1},
    OutputInfo{"Identity_3", 21 * 3},
};
constexpr std::array kPalmDetectionOutputs{
    OutputInfo{"Identity", 2016 * 18},
    OutputInfo{"Identity_1", 2016},
};
constexpr std::array kFaceDetectionOutputs{
    OutputInfo{"regressors", 896 * 16},
    OutputInfo{"classificators", 896},
};
constexpr std::array kFaceLandmarkOutputs{
    OutputInfo{"conv2d_21", 468 * 3},
    OutputInfo{"conv2d_31", 1},
};
constexpr std::array kFaceAttentionOutputs{
    OutputInfo{"output_mesh_identity", 468 * 3},
    OutputInfo{"output_lips", 80 * 2},
    OutputInfo{"output_left_eye", 71 * 2},
    OutputInfo{"output_right_eye", 71 * 2},
    OutputInfo{"output_left_iris", 5 * 2},
    OutputInfo{"output_right_iris", 5 * 2},
    OutputInfo{"conv_faceflag", 1},
};
constexpr std::array kLettersOutputs{
    OutputInfo{"letters", 26},
};

// In the order of the enum. Size and hash are those of the files that `make setup` unpacks, and of
// models/letters.onnx as training/letters.py wrote it.
constexpr std::array<ModelInfo, kModelCount> kModels{{
    {Model::kPoseDetection, "pose_detection", "pose_detection.tflite",
     "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c", 2959046, picture(224),
     kPoseDetectionOutputs},
    {Model::kPoseLandmarkLite, "pose_landmark_lite", "pose_landmark_lite.tflite",
     "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61", 2819824, picture(256),
     kPoseLandmarkOutputs},
    {Model::kPoseLandmarkFull, "pose_landmark_full", "pose_landmark_full.tflite",
     "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f", 6440512, picture(256),
     kPoseLandmarkOutputs},
    {Model::kPoseLandmarkHeavy, "pose_landmark_heavy", "pose_landmark_heavy.tflite",
     "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe", 27709200, picture(256),
     kPoseLandmarkOutputs},
    {Model::kHandRecrop, "hand_recrop", "hand_recrop.tflite",
     "67d996ce96f9d36fe17d2693022c6da93168026ab2f028f9e2365398d8ac7d5d", 123792, picture(256),
     kHandRecropOutputs},
    {Model::kHandLandmarkLite, "hand_landmark_lite", "hand_landmark_lite.tflite",
     "048edd3645c9bf7397d19a9f6e3a42957d6e414c9bea6598030a2e9b624156e6", 2071597, picture(224),
     kHandLandmarkOutputs},
    {Model::kHandLandmarkFull, "hand_landmark_full", "hand_landmark_full.tflite",
     "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3", 5478917, picture(224),
     kHandLandmarkOutputs},
    {Model::kPalmDetectionLite, "palm_detection_lite", "palm_detection_lite.tflite",
     "e9a4aaddf90dda56a87235303cf00e4c2d3fb28725f68fd88772997dac905c18", 1985440, picture(192),
     kPalmDetectionOutputs},
    {Model::kPalmDetectionFull, "palm_detection_full", "palm_detection_full.tflite",
     "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54", 2339846, picture(192),
     kPalmDetectionOutputs},
    {Model::kFaceDetectionShortRange, "face_detection_short_range",
     "face_detection_short_range.tflite",
     "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8", 229714, picture(128),
     kFaceDetectionOutputs},
    {Model::kFaceLandmark, "face_landmark", "face_landmark.tflite",
     "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814", 1242398, picture(192),
     kFaceLandmarkOutputs},
    {Model::kFaceLandmarkWithAttention, "face_landmark_with_attention",
     "face_landmark_with_attention.tflite",
     "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4", 2495106, picture(192),
     kFaceAttentionOutputs},
    {Model::kLetters, "letters", "letters.onnx",
     "ed17963fdf1673444bc40cf369a9b7088197891aebe967545f37b988b8df993e", 775754, 394,
     kLettersOutputs, ModelHome::kProgram},
}};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kModels.size(); ++i) {
    if (static_cast<std::size_t>(kModels[i].model) != i) {
      return false;
    }
  }
  return true;
}
static_assert(in_enum_order(), "model_info() indexes the table with the enum");

}  // namespace

const ModelInfo& model_info(Model model) noexcept {
  return kModels[static_cast<std::size_t>(model)];
}

std::span<const ModelInfo> all_models() noexcept {
  return kModels;
}

}  // namespace storysign::engine
