#include "store/files.hpp"

#include "base/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

namespace storysign::store {
namespace {

namespace fs = std::filesystem;

tl::unexpected<base::Error> failure(const fs::path& path, std::string_view what) {
  return base::fail(base::ErrorCode::kIo, fmt::format("{} {}: {}.", path.string(), what,
                                                      std::generic_category().message(errno)));
}

}  // namespace

base::Result<std::string> sha256_of(const fs::path& file) {
  constexpr std::size_t kBlock = 65536;
  std::ifstream in(file, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum(EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free);
  if (!in || !sum || EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr) != 1) {
    return failure(file, "cannot be read");
  }
  std::array<char, kBlock> block{};
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    if (EVP_DigestUpdate(sum.get(), block.data(), static_cast<std::size_t>(in.gcount())) != 1) {
      return failure(file, "cannot be summed");
    }
  }
  if (!in.eof()) return failure(file, "cannot be read to its end");
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(sum.get(), digest.data(), &size) != 1) {
    return failure(file, "cannot be summed");
  }
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest.at(i));
  return out;
}

base::Result<void> sync_to_disk(const fs::path& path) {
  const base::Descriptor open(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (open.get() < 0 || ::fsync(open.get()) != 0) {
    return failure(path, "cannot be brought to the disk");
  }
  return {};
}

base::Result<void> write_private(const fs::path& file, std::string_view text) {
  constexpr mode_t kOwnerOnly = 0600;
  const base::Descriptor out(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly));
  if (out.get() < 0 ||
      ::write(out.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(out.get()) != 0) {
    return failure(file, "cannot be written");
  }
  return {};
}

}  // namespace storysign::store
