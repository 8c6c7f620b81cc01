#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace storysign::server {

/// A file of the page as it is sent.
struct StaticFile {
  std::string body;
  std::string_view type;   ///< Content-Type.
  std::string etag;        ///< Quoted.
  bool is_hashed = false;  ///< The name changes with the content: may be cached for ever.
};

/// The built page, read into memory once, so that a request can name nothing but what is in it. Any
/// thread after loading.
class StaticFiles {
 public:
  /// Nothing to serve.
  StaticFiles() = default;

  /// Reads every file under `folder`, which must hold index.html; a folder `left_out` in it (empty:
  /// none) is not read. Fails with kNotFound or kIo.
  [[nodiscard]] static base::Result<StaticFiles> load(const std::filesystem::path& folder,
                                                      std::string_view left_out = {});

  /// `path` is the target's path, "/" for index.html. Null if there is no such file.
  [[nodiscard]] const StaticFile* find(std::string_view path) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return files_.empty(); }

 private:
  std::map<std::string, StaticFile, std::less<>> files_;
};

}  // namespace storysign::server
