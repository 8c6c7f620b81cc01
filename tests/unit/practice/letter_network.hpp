#pragma once

#include "engine/openvino_engine.hpp"
#include "practice/letters.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace storysign::test {

/// A test with the network that reads letters. It runs from the program alone: no folder of models
/// is needed.
class WithLetterNetwork : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::make_openvino_engine({.model_folder = "/nowhere", .workers = 1});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = *std::move(engine);
    auto reader = practice::LetterReader::create(*engine_);
    ASSERT_TRUE(reader) << reader.error().message;
    reader_ = *std::move(reader);
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<practice::LetterReader> reader_;
};

}  // namespace storysign::test
