#pragma once

#include "base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace storysign::app {

/// A JSON text to send by POST.
struct HttpPost {
  std::string url;     ///< As base::parse_web_url() reads it.
  std::string body;    ///< JSON.
  std::string bearer;  ///< Sent as Authorization: Bearer; empty: no such header.
  std::chrono::milliseconds timeout{5000};  ///< From connecting to the end of the answer.
  /// A larger body of an answer is a failure; 0: only its head is read.
  std::size_t largest_answer = 0;
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

/// Sends requests and waits for the answers, on a thread of its owner that may wait. Certificates
/// are checked against those that the machine trusts. Follows no redirection. One thread at a time,
/// except stop().
class HttpClient {
 public:
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  HttpClient(HttpClient&&) = delete;
  HttpClient& operator=(HttpClient&&) = delete;
  ~HttpClient() = default;

  /// Any status is an answer. Failures: kInvalidInput (the URL), kUnavailable (no connection, no
  /// answer in time, or one that is no HTTP or too large), kCancelled after stop(). They do not
  /// quote the URL, which may hold a key. Waits for a name to be resolved without regard to the
  /// timeout.
  [[nodiscard]] base::Result<HttpAnswer> post(const HttpPost& request);

  /// Sleeps; false if stop() was called before the end.
  [[nodiscard]] bool rest(std::chrono::milliseconds time);

  /// Ends what is under way, and everything later at once. Any thread.
  void stop();

 private:
  // Owned.
  boost::asio::io_context io_{1};
  std::unique_ptr<boost::asio::ssl::context> tls_;  ///< Made when first needed.
  // State.
  std::atomic<bool> stopped_{false};
};

}  // namespace storysign::app
