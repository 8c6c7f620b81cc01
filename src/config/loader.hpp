#pragma once

#include "base/result.hpp"
#include "config/keys.hpp"
#include "config/settings.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace storysign::config {

/// Where settings come from, weakest first; a later one replaces an earlier one key by key.
struct Sources {
  using Pairs = std::span<const std::pair<std::string, std::string>>;

  std::optional<std::filesystem::path> file;
  Pairs environment;  ///< All variables, name and value; those of other programs are passed over.
  Pairs overrides;    ///< From the command line: "video.fps" and "30".
};

/// Which source a value was taken from.
struct Origin {
  enum class Kind : std::uint8_t { kDefault, kFile, kEnvironment, kCommandLine };

  Kind kind = Kind::kDefault;
  std::string name;  ///< The file or the variable; else empty.
  int line = 0;      ///< In the file, from 1; else 0.
};

/// "default", "config.yaml:3", "environment STORYSIGN_GPU" or "command line".
[[nodiscard]] std::string to_string(const Origin& origin);

struct Loaded {
  Settings settings;
  std::vector<Origin> origins;  ///< In the order of keys().
};

/// Reads and checks everything. All that is wrong is reported at once, one sentence each, naming
/// the file and line (or the variable, or the flag) and the key: unknown keys, wrong types, values
/// out of range, keys given twice, values that contradict each other. A value is checked even if a
/// stronger source replaces it. Any thread; reads only the file.
[[nodiscard]] tl::expected<Loaded, std::vector<base::Error>> load(const Sources& sources);

}  // namespace storysign::config
