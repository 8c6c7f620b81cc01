#include "practice/letters.hpp"

#include "practice/letter_features.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace storysign::practice {
namespace {

constexpr std::size_t kLetters = 26;
constexpr std::array<std::string_view, 1> kOutputs = {"letters"};

LetterReading reading_of(std::span<const float> probabilities) noexcept {
  std::array<std::size_t, kLetters> order{};
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  LetterReading reading;
  const auto middle = order.begin() + reading.top.size();
  std::partial_sort(order.begin(), middle, order.end(), [&](std::size_t a, std::size_t b) {
    return probabilities[a] > probabilities[b];
  });
  for (std::size_t i = 0; i < reading.top.size(); ++i) {
    reading.top[i] = {.letter = static_cast<char>('A' + order[i]),
                      .confidence = probabilities[order[i]]};
  }
  reading.is_sure = reading.top[0].confidence >= kSureLetter;
  return reading;
}

/// Of a hand that cannot be looked at: every letter is as probable as the others.
LetterReading no_idea() noexcept {
  std::array<float, kLetters> probabilities{};
  probabilities.fill(1.0F / static_cast<float>(kLetters));
  return reading_of(probabilities);
}

}  // namespace

LetterReader::LetterReader(std::unique_ptr<engine::Network> network)
    : network_(std::move(network)) {}

base::Result<std::unique_ptr<LetterReader>> LetterReader::create(engine::Engine& engine) {
  auto network = engine.create(engine::Model::kLetters, kOutputs);
  if (!network) return tl::unexpected(std::move(network).error());
  return std::unique_ptr<LetterReader>(new LetterReader(*std::move(network)));
}

base::Result<LetterReading> LetterReader::read(const vision::Hand& hand, float aspect,
                                               bool is_left) {
  const std::span<float> input = network_->input();
  if (!letter_features(hand, aspect, is_left, input.first<kLetterFeatures>())) return no_idea();
  if (auto done = network_->infer(); !done) return tl::unexpected(std::move(done).error());
  return reading_of(network_->output(0));
}

}  // namespace storysign::practice
