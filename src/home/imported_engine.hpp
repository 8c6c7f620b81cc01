#pragma once

#include "engine/network.hpp"

#include <cstddef>

namespace storysign::home {

/// What runs networks outside: in the browser, two functions of JavaScript.
struct EngineImports {
  /// Makes a network from the model file of that name. `outputs`: the names of what it shall
  /// compute, in order, with commas between. Returns its number, or a negative one if it cannot be
  /// made.
  int (*create)(const char* file, const char* outputs);
  /// Runs network `id` on `input`. All outputs follow each other in `outputs`, whose size is that
  /// of all of them; any other size is a failure. Returns 0 if it fails.
  int (*infer)(int id, const float* input, std::size_t input_size, float* outputs,
               std::size_t output_size);
};

/// Networks that run outside of this program's memory. One thread.
class ImportedEngine final : public engine::Engine {
 public:
  explicit ImportedEngine(const EngineImports& imports) noexcept : imports_(imports) {}

  [[nodiscard]] base::Result<std::unique_ptr<engine::Network>> create(
      engine::Model model, std::span<const std::string_view> outputs) override;

  [[nodiscard]] std::string_view device() const noexcept override { return "imported"; }

 private:
  EngineImports imports_;
};

}  // namespace storysign::home
