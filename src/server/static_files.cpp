#include "server/static_files.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace storysign::server {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kTypes = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
}};

std::string_view type_of(const fs::path& file) {
  const std::string extension = file.extension().string();
  for (const auto& [ending, type] : kTypes) {
    if (extension == ending) return type;
  }
  return "application/octet-stream";
}

/// FNV-1a, 64 bits: tells versions of a file apart, which is all that an entity tag is for.
std::uint64_t fingerprint(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
  }
  return hash;
}

}  // namespace

base::Result<StaticFiles> StaticFiles::load(const fs::path& folder, std::string_view left_out) {
  std::error_code code;
  if (!fs::is_regular_file(folder / "index.html", code)) {
    return base::fail(base::ErrorCode::kNotFound,
                      fmt::format("The page is not in {}: there is no index.html; build it with "
                                  "`make build`, or set server.web_directory.",
                                  folder.string()));
  }
  StaticFiles out;
  for (auto entry = fs::recursive_directory_iterator(folder, code);
       !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    if (!left_out.empty() && entry->path() == folder / left_out) {
      entry.disable_recursion_pending();
    }
    if (!entry->is_regular_file()) continue;
    std::ifstream in(entry->path(), std::ios::binary);
    StaticFile file;
    file.body.assign(std::istreambuf_iterator<char>(in), {});
    if (!in) {
      return base::fail(base::ErrorCode::kIo, fmt::format("The file {} of the page cannot be read.",
                                                          entry->path().string()));
    }
    file.type = type_of(entry->path());
    file.etag = fmt::format("\"{:016x}\"", fingerprint(file.body));
    const std::string name =
        fmt::format("/{}", entry->path().lexically_relative(folder).generic_string());
    file.is_hashed = name.starts_with("/assets/");
    out.files_.emplace(name, std::move(file));
  }
  if (code) {
    return base::fail(base::ErrorCode::kIo, fmt::format("The folder {} of the page cannot be read: "
                                                        "{}.",
                                                        folder.string(), code.message()));
  }
  return out;
}

const StaticFile* StaticFiles::find(std::string_view path) const noexcept {
  const auto found = files_.find(path == "/" ? std::string_view("/index.html") : path);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace storysign::server
