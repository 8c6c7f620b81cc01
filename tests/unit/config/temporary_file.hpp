#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace storysign::config {

/// A file config.yaml with the given text, in a folder of its own; both vanish at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    std::string name =
        (std::filesystem::temp_directory_path() / "storysign_config_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    std::ofstream(path(), std::ios::binary) << text;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  TemporaryFile(TemporaryFile&&) = delete;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    std::error_code code;
    std::filesystem::remove_all(folder_, code);
  }

  [[nodiscard]] std::filesystem::path path() const { return folder_ / "config.yaml"; }

 private:
  std::filesystem::path folder_;
};

}  // namespace storysign::config
