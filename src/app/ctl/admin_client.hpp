#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace storysign::app {

/// What the admin listener answered.
struct AdminAnswer {
  unsigned status = 0;
  std::string body;
  nlohmann::json json;  ///< Of the body; discarded if it is none.
};

/// Speaks to the admin listener of a running server, whose address and token it finds from the same
/// settings as the server. Main thread; each ask() is one connection.
class AdminClient {
 public:
  /// Reads the token. Fails with one sentence if it cannot.
  [[nodiscard]] static base::Result<AdminClient> make(const config::Settings& settings);

  /// `body` null: a GET. Fails with kUnavailable if nothing listens, kIo if the connection fails,
  /// and, with the sentence of the server, kInvalidInput for what it refuses (400 to 499) and
  /// kInternal for what it could not do.
  [[nodiscard]] base::Result<AdminAnswer> ask(std::string_view path, const nlohmann::json& body,
                                              std::chrono::seconds patience) const;

 private:
  AdminClient() = default;

  std::string host_;
  std::string port_;
  std::string token_;
  std::string token_file_;
};

}  // namespace storysign::app
