#include "engine/model_store.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace storysign::engine {
namespace {

using base::ErrorCode;

constexpr std::string_view kUnpack = "run `make setup` to unpack the models again";

struct FileCloser {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

struct DigestFree {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

/// What was read from a file, once through.
struct Reading {
  std::uintmax_t bytes = 0;
  std::array<char, 8> head{};
  std::string sha256;
};

std::string hex(const unsigned char* bytes, unsigned int count) {
  std::string text;
  for (unsigned int i = 0; i < count; ++i) {
    fmt::format_to(std::back_inserter(text), "{:02x}", bytes[i]);
  }
  return text;
}

tl::unexpected<base::Error> unreadable(const std::filesystem::path& path, std::string_view why) {
  return base::fail(ErrorCode::kIo,
                    fmt::format("Model file {} cannot be read ({}); check its permissions, or {}.",
                                path.string(), why, kUnpack));
}

std::string reason(int error_number) {
  return std::generic_category().message(error_number);
}

base::Result<Reading> read_through(const std::filesystem::path& path) {
  const File file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) {
    return unreadable(path, reason(errno));
  }
  const std::unique_ptr<EVP_MD_CTX, DigestFree> digest(EVP_MD_CTX_new());
  if (digest == nullptr || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1) {
    return base::fail(ErrorCode::kInternal,
                      "OpenSSL cannot compute SHA-256, so no model file can be verified; check the "
                      "installation of OpenSSL.");
  }
  Reading reading;
  std::array<char, std::size_t{64} * 1024> block{};
  while (true) {
    const std::size_t count = std::fread(block.data(), 1, block.size(), file.get());
    if (count == 0) {
      break;
    }
    if (reading.bytes == 0) {
      std::memcpy(reading.head.data(), block.data(), std::min(count, reading.head.size()));
    }
    reading.bytes += count;
    EVP_DigestUpdate(digest.get(), block.data(), count);
  }
  if (std::ferror(file.get()) != 0) {
    return unreadable(path, reason(errno));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned int length = 0;
  EVP_DigestFinal_ex(digest.get(), sum.data(), &length);
  reading.sha256 = hex(sum.data(), length);
  return reading;
}

/// What is wrong with the file, or nothing.
std::optional<std::string> difference(const Reading& reading, const ModelInfo& info) {
  if (reading.bytes == 0) {
    return fmt::format("is empty, expected {} bytes", info.bytes);
  }
  const bool has_head = reading.bytes >= reading.head.size();
  if (has_head && std::string_view(reading.head.data() + 4, 4) != "TFL3") {
    return fmt::format(
        "is not a TensorFlow Lite model ({} bytes without \"TFL3\" at byte 4), expected {} bytes",
        reading.bytes, info.bytes);
  }
  if (reading.bytes < info.bytes) {
    return fmt::format("is truncated: it has {} bytes, expected {}", reading.bytes, info.bytes);
  }
  if (reading.bytes > info.bytes) {
    return fmt::format("is not the expected one: it has {} bytes, expected {}", reading.bytes,
                       info.bytes);
  }
  if (reading.sha256 != info.sha256) {
    return fmt::format("is not the expected one: its SHA-256 is {}, expected {}", reading.sha256,
                       info.sha256);
  }
  return std::nullopt;
}

}  // namespace

ModelStore::ModelStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

std::filesystem::path ModelStore::path(Model model) const {
  std::error_code error;
  std::filesystem::path full = std::filesystem::absolute(folder_ / model_info(model).file, error);
  return error ? folder_ / model_info(model).file : full;
}

base::Result<std::filesystem::path> ModelStore::verify(Model model) const {
  const ModelInfo& info = model_info(model);
  if (info.home == ModelHome::kProgram) return std::filesystem::path();
  std::filesystem::path file = path(model);

  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return base::fail(ErrorCode::kNotFound,
                      fmt::format("Model file {} does not exist; run `make setup` to unpack it, or "
                                  "name the folder that holds the models.",
                                  file.string()));
  }
  if (error) {
    return unreadable(file, error.message());
  }
  if (status.type() != std::filesystem::file_type::regular) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("Model file {} is not a regular file, expected one of {} bytes; "
                                  "remove it and {}.",
                                  file.string(), info.bytes, kUnpack));
  }
  const base::Result<Reading> reading = read_through(file);
  if (!reading) {
    return tl::unexpected(reading.error());
  }
  if (const std::optional<std::string> wrong = difference(*reading, info)) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("Model file {} {}; {}.", file.string(), *wrong, kUnpack));
  }
  return file;
}

}  // namespace storysign::engine
