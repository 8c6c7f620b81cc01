#include "app/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace storysign::app {

int write_stdout(std::string_view text) {
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  if (written == text.size() && std::fflush(stdout) == 0) return kExitOk;
  write_error(fmt::format("standard output cannot be written: {}.",
                          std::generic_category().message(errno)));
  return kExitFailed;
}

void write_error(std::string_view sentence) {
  // Where standard error is gone there is nobody left to tell.
  static_cast<void>(std::fputs(fmt::format("storysign: {}\n", sentence).c_str(), stderr));
}

}  // namespace storysign::app
