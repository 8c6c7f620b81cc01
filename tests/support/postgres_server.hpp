#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace storysign::testing {

/// A PostgreSQL server of its own, from Debian's package, in a temporary folder that goes with it:
/// reached by a socket in that folder only, as an unprivileged user, with a password. Never the
/// machine's own servers.
class PostgresServer {
 public:
  /// Makes the folder and starts. `is_running()` says whether it worked.
  PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  [[nodiscard]] bool is_running() const { return process_ > 0; }
  /// Why it does not run.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  /// A new database; returns its URL, without the password.
  [[nodiscard]] std::string make_database();
  [[nodiscard]] std::string url_of(const std::string& database) const;
  [[nodiscard]] const std::string& password() const { return password_; }

  /// As a crash would: without writing anything down.
  void kill();
  void start();

 private:
  [[nodiscard]] pid_t spawn(const std::string& command) const;
  [[nodiscard]] bool run(const std::string& command) const;

  std::filesystem::path folder_;
  std::string password_ = "secret of the tests";
  std::string programs_;  ///< Folder of initdb and postgres.
  std::string problem_;
  pid_t process_ = -1;
  int databases_ = 0;
};

}  // namespace storysign::testing
