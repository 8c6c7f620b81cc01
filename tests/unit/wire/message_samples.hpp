#pragma once

#include "base/pool.hpp"
#include "vision/landmarks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

/// What the tests of binary messages share.
namespace storysign::wire {

/// Every part, with coordinates that 1/8192 steps hold exactly.
inline vision::FrameLandmarks full_landmarks(bool refined) {
  vision::FrameLandmarks found;
  int step = -32768;
  const auto next = [&step] {
    step += 17;
    return static_cast<float>(step) / 8192.0F;
  };
  for (auto& point : found.pose.emplace()) point = {next(), next(), next(), 1.0F};
  for (auto* hand : {&found.left_hand.emplace(), &found.right_hand.emplace()}) {
    hand->score = 1.0F;
    for (auto& point : hand->landmarks) point = {next(), next(), next()};
  }
  found.face.emplace().set_refined(refined);
  for (auto& point : *found.face) point = {next(), next(), next()};
  return found;
}

template <class Points>
void expect_points(const Points& a, const Points& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].x, b[i].x) << i;
    ASSERT_EQ(a[i].y, b[i].y) << i;
    ASSERT_EQ(a[i].z, b[i].z) << i;
  }
}

/// Reads from memory of exactly this size, so that the address sanitizer sees a byte too far.
template <class Read>
auto read_exact(const base::Bytes& message, std::size_t size, Read read) {
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[size]);
  std::copy_n(message.begin(), size, exact.get());
  return read(std::span<const std::uint8_t>(exact.get(), size)).has_value();
}

}  // namespace storysign::wire
