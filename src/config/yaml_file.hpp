#pragma once

#include "base/result.hpp"
#include "config/keys.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace storysign::config {

/// A setting as it stands in a file.
struct FileEntry {
  const Key* key;
  Value value;
  int line;  ///< From 1.
};

/// What a file says, and everything that is wrong with it, in the order of the lines.
struct FileContent {
  std::vector<FileEntry> entries;  ///< Only well-formed ones, each key once.
  std::vector<base::Error> errors;
  std::vector<const Key*> refused;  ///< Keys whose value is wrong.
  bool parsed = false;              ///< Whether it is YAML at all.
};

/// Reads the YAML `text` of the file called `name`: one document that is a map of sections, no
/// tags, no tab in front of a key. A file without any key, and a section without any, are
/// well-formed.
[[nodiscard]] FileContent read_yaml(std::string_view text, std::string_view name);

}  // namespace storysign::config
