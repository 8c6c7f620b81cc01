#include "server/admin_token.hpp"

#include "base/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

namespace storysign::server {
namespace {

using base::ErrorCode;

constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kShortest = 16;
constexpr std::size_t kLongest = 1024;
constexpr ::mode_t kOthers = 077;
constexpr ::mode_t kOwnerOnly = 0600;

std::string reason() {
  return std::generic_category().message(errno);
}

bool is_token_character(char character) {
  return character > ' ' && character <= '~';
}

base::Result<std::string> random_token() {
  std::array<unsigned char, kRandomBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return base::fail(ErrorCode::kUnavailable,
                      "The system gives no random bytes for the admin token; try again.");
  }
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

base::Result<void> make_token(const std::filesystem::path& file) {
  auto token = random_token();
  if (!token) return tl::unexpected(std::move(token).error());
  token->push_back('\n');
  const auto failed = [&] {
    return base::fail(ErrorCode::kIo,
                      fmt::format("The admin token file {} cannot be made: {}; make its folder "
                                  "writable, or name another file in admin.token_file.",
                                  file.string(), reason()));
  };
  const base::Descriptor out(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly));
  if (out.get() < 0) {
    // Another server was quicker: its token is as good.
    if (errno == EEXIST) return {};
    return failed();
  }
  const auto written = ::write(out.get(), token->data(), token->size());
  if (written != static_cast<::ssize_t>(token->size()) || ::fsync(out.get()) != 0) {
    const auto failure = failed();
    ::unlink(file.c_str());
    return failure;
  }
  return {};
}

}  // namespace

base::Result<std::string> read_admin_token(const std::filesystem::path& file) {
  const auto unreadable = [&](ErrorCode code) {
    return base::fail(
        code, fmt::format("The admin token file {} cannot be read: {}.", file.string(), reason()));
  };
  const base::Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (in.get() < 0) {
    return unreadable(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo);
  }
  struct stat status{};
  if (::fstat(in.get(), &status) != 0) return unreadable(ErrorCode::kIo);
  if (!S_ISREG(status.st_mode)) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("The admin token file {} is no regular file; name another one in "
                                  "admin.token_file.",
                                  file.string()));
  }
  if ((status.st_mode & kOthers) != 0) {
    return base::fail(
        ErrorCode::kInvalidInput,
        fmt::format("The admin token file {0} has mode {1:04o}, so others may use it; make a new "
                    "token: remove the file, or run chmod 600 {0} if nobody has read it.",
                    file.string(), status.st_mode & 07777U));
  }
  std::array<char, kLongest + 2> buffer{};
  const ::ssize_t size = ::read(in.get(), buffer.data(), buffer.size());
  if (size < 0) return unreadable(ErrorCode::kIo);
  std::string token(buffer.data(), static_cast<std::size_t>(size));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (token.size() < kShortest || token.size() > kLongest ||
      !std::all_of(token.begin(), token.end(), &is_token_character)) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("The admin token file {} must hold one line of {} to {} visible "
                                  "ASCII characters; remove it to have a new one made.",
                                  file.string(), kShortest, kLongest));
  }
  return token;
}

base::Result<std::string> read_or_make_admin_token(const std::filesystem::path& file) {
  auto token = read_admin_token(file);
  if (token || token.error().code != ErrorCode::kNotFound) return token;
  if (auto made = make_token(file); !made) return tl::unexpected(std::move(made).error());
  return read_admin_token(file);
}

bool shows_token(std::string_view authorization, std::string_view token) noexcept {
  constexpr std::string_view kScheme = "Bearer ";
  if (token.empty() || !authorization.starts_with(kScheme)) return false;
  const std::string_view shown = authorization.substr(kScheme.size());
  return shown.size() == token.size() &&
         CRYPTO_memcmp(shown.data(), token.data(), token.size()) == 0;
}

}  // namespace storysign::server
