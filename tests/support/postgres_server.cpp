#include "support/postgres_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

// Functions that share memory among threads (getpwnam) are used here by one thread only.
// NOLINTBEGIN(concurrency-mt-unsafe)

namespace storysign::testing {
namespace {

namespace fs = std::filesystem;

/// Where Debian puts the server's own programs, the newest version.
std::string find_programs() {
  std::string found;
  std::error_code none;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const fs::path bin = version.path() / "bin";
    if (fs::exists(bin / "initdb") && bin.string() > found) found = bin.string();
  }
  return found;
}

}  // namespace

PostgresServer::PostgresServer() : programs_(find_programs()) {
  std::string name = (fs::temp_directory_path() / "storysign-pg-XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
  if (programs_.empty()) {
    problem_ = "PostgreSQL is not installed (setup/packages.txt: postgresql)";
    return;
  }
  const mode_t before = ::umask(0077);
  const fs::path password_file = folder_ / "password";
  std::ofstream(password_file) << password_ << "\n";
  ::umask(before);
  if (::geteuid() == 0) {
    const passwd* const user = ::getpwnam("postgres");
    if (user == nullptr || ::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0 ||
        ::chown(password_file.c_str(), user->pw_uid, user->pw_gid) != 0) {
      problem_ = "there is no user postgres to run the server as";
      return;
    }
  }
  if (!run(fmt::format("{0}/initdb --pgdata={1}/data --username=learner --auth=scram-sha-256 "
                       "--pwfile={1}/password --encoding=UTF8 --locale=C --no-sync",
                       programs_, folder_.string()))) {
    problem_ = "initdb failed";
    return;
  }
  start();
}

PostgresServer::~PostgresServer() {
  kill();
  fs::remove_all(folder_);
}

std::string PostgresServer::url_of(const std::string& database) const {
  return fmt::format("postgresql://learner@/{}?host={}", database, folder_.string());
}

std::string PostgresServer::make_database() {
  const std::string name = fmt::format("database_{}", ++databases_);
  const bool made =
      run(fmt::format("PGPASSWORD='{}' {}/psql --quiet --dbname='{}' "
                      "--command='CREATE DATABASE {}'",
                      password_, programs_, url_of("postgres"), name));
  return made ? url_of(name) : std::string();
}

void PostgresServer::start() {
  // fsync off: these tests end processes, never the machine.
  process_ =
      spawn(fmt::format("exec {0}/postgres -D {1}/data -k {1} -c listen_addresses='' "
                        "-c fsync=off -c shared_buffers=16MB",
                        programs_, folder_.string()));
  constexpr int kTries = 600;
  for (int i = 0; i < kTries; ++i) {
    if (run(fmt::format("{}/pg_isready --quiet --host={} --username=learner", programs_,
                        folder_.string()))) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  problem_ = "the server did not become ready";
  kill();
}

void PostgresServer::kill() {
  if (process_ <= 0) return;
  // SIGQUIT: all its processes end at once (PostgreSQL manual, "Immediate Shutdown").
  ::kill(process_, SIGQUIT);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

pid_t PostgresServer::spawn(const std::string& command) const {
  const passwd* const user = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (user != nullptr && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) ::_exit(1);
  if (::chdir("/") != 0) ::_exit(1);
  const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(1);
}

bool PostgresServer::run(const std::string& command) const {
  int status = 0;
  const pid_t child = spawn(command);
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

}  // namespace storysign::testing

// NOLINTEND(concurrency-mt-unsafe)
