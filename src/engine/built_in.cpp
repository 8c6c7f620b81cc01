#include "engine/built_in.hpp"

// letters_model.S puts the file between the two.
extern "C" {
extern const char kStorysignLettersModel[];
extern const char kStorysignLettersModelEnd[];
}

namespace storysign::engine {

std::span<const char> built_in(Model model) noexcept {
  if (model != Model::kLetters) return {};
  return {kStorysignLettersModel, kStorysignLettersModelEnd};
}

}  // namespace storysign::engine
