#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace storysign::render {

/// A line from one landmark to another.
struct Edge {
  std::uint16_t from = 0;
  std::uint16_t to = 0;

  friend bool operator==(const Edge&, const Edge&) = default;
};

/// The edges of a row of landmarks: a-b, b-c, ...
template <std::size_t N>
constexpr std::array<Edge, N - 1> chain(const std::array<std::uint16_t, N>& points) {
  std::array<Edge, N - 1> edges{};
  for (std::size_t i = 0; i + 1 < N; ++i) edges[i] = {points[i], points[i + 1]};
  return edges;
}

template <std::size_t N, std::size_t M>
constexpr std::array<Edge, N + M> join(const std::array<Edge, N>& first,
                                       const std::array<Edge, M>& second) {
  std::array<Edge, N + M> edges{};
  for (std::size_t i = 0; i < N; ++i) edges[i] = first[i];
  for (std::size_t i = 0; i < M; ++i) edges[N + i] = second[i];
  return edges;
}

/// A chain of as many landmarks as are named.
template <class... Index>
constexpr auto line(Index... index) {
  return chain(std::array<std::uint16_t, sizeof...(Index)>{static_cast<std::uint16_t>(index)...});
}

// The lists of MediaPipe 0.10.21 (hands_connections.py, pose_connections.py,
// face_mesh_connections.py).

// Hands: 0 wrist, then four points a finger from its root, thumb first.
inline constexpr std::uint16_t kIndexRoot = 5;
inline constexpr std::uint16_t kMiddleRoot = 9;
inline constexpr std::uint16_t kLittleRoot = 17;
inline constexpr std::array<Edge, 6> kPalmEdges{
    {{0, 1}, {0, 5}, {5, 9}, {9, 13}, {13, 17}, {0, 17}}};
inline constexpr std::array<Edge, 3> kThumbEdges = line(1, 2, 3, 4);
inline constexpr std::array<Edge, 3> kIndexEdges = line(5, 6, 7, 8);
inline constexpr std::array<Edge, 3> kMiddleEdges = line(9, 10, 11, 12);
inline constexpr std::array<Edge, 3> kRingEdges = line(13, 14, 15, 16);
inline constexpr std::array<Edge, 3> kLittleEdges = line(17, 18, 19, 20);

// Body. From 11 on, odd numbers are the signer's left.
inline constexpr std::uint16_t kNose = 0;
inline constexpr std::uint16_t kLastFacePoint = 10;  // 0 to 10 lie on the face.
inline constexpr std::uint16_t kLeftElbow = 13;
inline constexpr std::uint16_t kRightElbow = 14;
inline constexpr std::uint16_t kLeftWrist = 15;   // 15, 17, 19, 21: left wrist and hand.
inline constexpr std::uint16_t kRightWrist = 16;  // 16, 18, 20, 22: right wrist and hand.
inline constexpr std::uint16_t kLastHandPoint = 22;
inline constexpr std::array<Edge, 35> kPoseEdges{
    {{0, 1},   {1, 2},   {2, 3},   {3, 7},   {0, 4},   {4, 5},   {5, 6},   {6, 8},   {9, 10},
     {11, 12}, {11, 13}, {13, 15}, {15, 17}, {15, 19}, {15, 21}, {17, 19}, {12, 14}, {14, 16},
     {16, 18}, {16, 20}, {16, 22}, {18, 20}, {11, 23}, {12, 24}, {23, 24}, {23, 25}, {24, 26},
     {25, 27}, {26, 28}, {27, 29}, {28, 30}, {29, 31}, {30, 32}, {27, 31}, {28, 32}}};

// Face. Left and right are the signer's own.
inline constexpr std::uint16_t kForehead = 10;
inline constexpr std::uint16_t kChin = 152;
inline constexpr std::array<Edge, 36> kFaceOvalEdges =
    line(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
         152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10);
inline constexpr std::array<Edge, 20> kOuterLipEdges =
    join(line(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
         line(61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291));
inline constexpr std::array<Edge, 20> kInnerLipEdges =
    join(line(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
         line(78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308));
inline constexpr std::array<Edge, 40> kLipEdges = join(kOuterLipEdges, kInnerLipEdges);
inline constexpr std::array<Edge, 16> kLeftEyeEdges =
    join(line(263, 249, 390, 373, 374, 380, 381, 382, 362),
         line(263, 466, 388, 387, 386, 385, 384, 398, 362));
inline constexpr std::array<Edge, 8> kLeftBrowEdges =
    join(line(276, 283, 282, 295, 285), line(300, 293, 334, 296, 336));
inline constexpr std::array<Edge, 16> kRightEyeEdges =
    join(line(33, 7, 163, 144, 145, 153, 154, 155, 133),
         line(33, 246, 161, 160, 159, 158, 157, 173, 133));
inline constexpr std::array<Edge, 8> kRightBrowEdges =
    join(line(46, 53, 52, 65, 55), line(70, 63, 105, 66, 107));

}  // namespace storysign::render
