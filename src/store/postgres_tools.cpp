#include "store/postgres_tools.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <vector>

namespace storysign::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPasswordVariable = "PGPASSWORD=";

/// The environment of this process, with the password: only its own user can see it there.
std::vector<std::string> environment_with(const std::string& password) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (text.substr(0, kPasswordVariable.size()) != kPasswordVariable) out.emplace_back(text);
  }
  if (!password.empty()) out.push_back(std::string(kPasswordVariable) + password);
  return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// Runs a program and waits for it; its own messages go where this program's go.
base::Result<void> run(std::vector<std::string> arguments, const std::string& password,
                       const std::string& url, const fs::path& file) {
  std::vector<std::string> variables = environment_with(password);
  const std::string program = arguments.front();
  pid_t child = 0;
  const int code = ::posix_spawnp(&child, program.c_str(), nullptr, nullptr,
                                  pointers_to(arguments).data(), pointers_to(variables).data());
  int status = 0;
  if (code == 0) {
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
  }
  // A program that cannot be run ends with 127 where posix_spawn cannot say so itself.
  constexpr int kNotRun = 127;
  if (code == ENOENT || (code == 0 && WIFEXITED(status) && WEXITSTATUS(status) == kNotRun)) {
    return base::fail(
        base::ErrorCode::kUnsupported,
        fmt::format("{} is not installed, and PostgreSQL is backed up with it: install "
                    "postgresql-client, or run where it is: pg_dump --format=custom --file={} "
                    "'{}'.",
                    program, file.filename().string(), url));
  }
  if (code != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return base::fail(base::ErrorCode::kIo,
                      fmt::format("{} failed; what it says stands on standard error.", program));
  }
  return {};
}

}  // namespace

base::Result<void> dump_postgres(const std::string& url, const std::string& password,
                                 const fs::path& file) {
  return run({"pg_dump", "--format=custom", "--no-password", "--file=" + file.string(),
              "--dbname=" + url},
             password, url, file)
      .and_then([&] {
        // As if it were restored, into nothing: every byte of the archive is read.
        return run({"pg_restore", "--file=/dev/null", file.string()}, {}, url, file);
      });
}

}  // namespace storysign::store
