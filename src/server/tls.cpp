#include "server/tls.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace storysign::server {
namespace {

namespace ssl = boost::asio::ssl;
using base::ErrorCode;

// TLS 1.2 with forward secrecy and authenticated encryption; 1.3 has nothing else.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

}  // namespace

Certificate::Certificate(std::filesystem::path certificate, std::filesystem::path key)
    : certificate_(std::move(certificate)), key_(std::move(key)) {}

base::Result<std::unique_ptr<Certificate>> Certificate::load(
    const std::filesystem::path& certificate, const std::filesystem::path& key) {
  std::unique_ptr<Certificate> out(new Certificate(certificate, key));
  out->modified_ = out->modified();
  auto context = out->read();
  if (!context) {
    return tl::unexpected(context.error());
  }
  const base::MutexLock lock(out->mutex_);
  out->context_ = std::move(*context);
  return out;
}

std::shared_ptr<ssl::context> Certificate::context() const {
  const base::MutexLock lock(mutex_);
  return context_;
}

base::Result<bool> Certificate::reload_if_changed() {
  const Times now = modified();
  if (now == modified_) {
    return false;
  }
  modified_ = now;
  auto context = read();
  if (!context) {
    return tl::unexpected(context.error());
  }
  const base::MutexLock lock(mutex_);
  context_ = std::move(*context);
  return true;
}

Certificate::Times Certificate::modified() const {
  std::error_code code;
  return {std::filesystem::last_write_time(certificate_, code),
          std::filesystem::last_write_time(key_, code)};
}

base::Result<std::shared_ptr<ssl::context>> Certificate::read() const {
  const auto wrong = [](const std::filesystem::path& file, std::string_view what,
                        const boost::system::error_code& code) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
      return base::fail(
          ErrorCode::kNotFound,
          fmt::format("There is no file {}; check the path of the TLS {}.", file.string(), what));
    }
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("{} cannot be used as the TLS {} ({}); it must be PEM, and the "
                                  "key must belong to the certificate.",
                                  file.string(), what, code.message()));
  };
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code code;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                           ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                           ssl::context::no_tlsv1_1,
                       code);
  context->use_certificate_chain_file(certificate_.string(), code);
  if (code) {
    return wrong(certificate_, "certificate", code);
  }
  context->use_private_key_file(key_.string(), ssl::context::pem, code);
  if (code) {
    return wrong(key_, "key", code);
  }
  if (SSL_CTX_set_cipher_list(context->native_handle(), kCiphers) != 1) {
    return base::fail(ErrorCode::kInternal, "This OpenSSL knows none of the TLS ciphers needed.");
  }
  return context;
}

}  // namespace storysign::server
