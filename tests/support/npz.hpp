#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace storysign::test {

/// One numeric array of an .npz file, as double whatever its type, C order.
struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<double> values;

  /// First value of row `index` along the first axis.
  [[nodiscard]] const double* row(std::size_t index) const {
    return values.data() + index * (values.size() / shape.front());
  }
  [[nodiscard]] std::size_t rows() const { return shape.front(); }
};

using Npz = std::map<std::string, NpyArray>;

/// Reads a file written by numpy.savez or savez_compressed: arrays of float16, float32, float64,
/// int8, uint8, int64 and text (a last axis of characters is added); others are left out.
[[nodiscard]] base::Result<Npz> read_npz(const std::filesystem::path& path);

}  // namespace storysign::test
