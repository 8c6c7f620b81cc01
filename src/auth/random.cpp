#include "auth/random.hpp"

#include "auth/digest.hpp"
#include "base/uuid.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace storysign::auth {

void system_random(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got > 0) {
      out = out.subspan(static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      std::abort();
    }
  }
}

std::string random_token(Random random) {
  std::array<std::uint8_t, kTokenBytes> bytes{};
  random(bytes);
  return hexadecimal(bytes);
}

std::string random_id(Random random) {
  std::array<std::uint8_t, 16> bytes{};
  random(bytes);
  return base::uuid_of(bytes);
}

}  // namespace storysign::auth
