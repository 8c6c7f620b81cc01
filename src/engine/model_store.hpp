#pragma once

#include "base/result.hpp"
#include "engine/models.hpp"

#include <filesystem>

namespace storysign::engine {

/// The folder with the model files. Knows nothing about running them. Any thread; holds no open
/// file.
class ModelStore {
 public:
  explicit ModelStore(std::filesystem::path folder);

  /// Where the file of `model` is, or would be.
  [[nodiscard]] std::filesystem::path path(Model model) const;

  /// Reads the whole file and compares it with model_info(): its size, the "TFL3" that every
  /// TensorFlow Lite file has at byte 4, its SHA-256. Returns its path; of a model that is built
  /// into the program, which needs no file, an empty one. Fails with one sentence
  /// that names the file, what was found and what was expected, and what to do: kNotFound if it
  /// does not exist, kIo if it cannot be read, else kInvalidInput.
  [[nodiscard]] base::Result<std::filesystem::path> verify(Model model) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace storysign::engine
