#pragma once

#include "base/mutex.hpp"
#include "base/result.hpp"

#include <boost/asio/ssl/context.hpp>

#include <array>
#include <filesystem>
#include <memory>

namespace storysign::server {

/// The server's certificate and key, read again when the files change. Any thread.
class Certificate {
 public:
  /// Fails with kInvalidInput or kNotFound if a file is missing, is no PEM, or the two do not
  /// belong together.
  [[nodiscard]] static base::Result<std::unique_ptr<Certificate>> load(
      const std::filesystem::path& certificate, const std::filesystem::path& key);

  /// What new connections use. shared_ptr because a connection goes on with the context that it
  /// began with.
  [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> context() const;

  /// Reads the files again if either has changed since: true if there is a new certificate now.
  /// Fails like load(); the old one then stays in use.
  base::Result<bool> reload_if_changed();

 private:
  using Times = std::array<std::filesystem::file_time_type, 2>;

  Certificate(std::filesystem::path certificate, std::filesystem::path key);
  [[nodiscard]] Times modified() const;
  [[nodiscard]] base::Result<std::shared_ptr<boost::asio::ssl::context>> read() const;

  // Given.
  std::filesystem::path certificate_;
  std::filesystem::path key_;
  // State.
  Times modified_{};  ///< Of the thread that refreshes.
  mutable base::Mutex mutex_;
  std::shared_ptr<boost::asio::ssl::context> context_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::server
