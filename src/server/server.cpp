#include "server/server.hpp"

#include "server/core.hpp"
#include "server/listener.hpp"
#include "server/origin.hpp"
#include "server/tls.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

namespace storysign::server {

/// Destroyed from the end: threads are joined first, then connections go with the io_context, then
/// what they used.
struct Server::Parts {
  Parts(const ServerOptions& options, const ServerParts& given)
      : core(options.limits, split_origins(options.allowed_origins), given.content, given.factory,
             given.metrics, given.log, given.now, given.admin),
        io(options.io_threads),
        work(io.get_executor()),
        answered(given.now()) {}

  Core core;
  std::unique_ptr<Certificate> certificate;
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::shared_ptr<Listener> listener;  // Shared with its own pending operation.
  std::vector<std::thread> threads;
  std::atomic<base::SteadyTime> answered;  ///< See Server::io_answered().
  std::atomic<bool> is_asked = false;

  void run() {
    for (;;) {
      try {
        io.run();
        return;
      } catch (const std::exception& failure) {
        // One connection's failure (no memory) must not end all others.
        core.log.error("A connection failed inside.", {{"reason", failure.what()}});
      }
    }
  }
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

base::Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options,
                                                    const ServerParts& given) {
  auto parts = std::make_unique<Parts>(options, given);
  auto proxies = TrustedProxies::parse(options.trusted_proxies);
  if (!proxies) {
    return tl::unexpected(proxies.error());
  }
  parts->core.proxies = std::move(*proxies);
  if (!options.tls_certificate.empty()) {
    auto certificate = Certificate::load(options.tls_certificate, options.tls_key);
    if (!certificate) {
      return tl::unexpected(certificate.error());
    }
    parts->certificate = std::move(*certificate);
  }
  parts->listener = std::make_shared<Listener>(parts->io, parts->core, parts->certificate.get());
  if (auto opened = parts->listener->open(options.host, options.port, options.section); !opened) {
    return tl::unexpected(opened.error());
  }
  parts->listener->run();
  std::unique_ptr<Server> server(new Server(std::move(parts)));
  for (int i = 0; i < options.io_threads; ++i) {
    std::thread& thread =
        server->parts_->threads.emplace_back([raw = server->parts_.get()] { raw->run(); });
    const std::string_view name = options.section == "server" ? "io" : options.section;
    pthread_setname_np(thread.native_handle(), fmt::format("{}-{}", name, i).c_str());
  }
  return server;
}

Server::~Server() {
  if (!parts_) {
    return;
  }
  parts_->core.door->shut();
  parts_->io.stop();
  for (std::thread& thread : parts_->threads) {
    thread.join();
  }
}

int Server::port() const {
  return parts_->listener->port();
}

bool Server::is_tls() const {
  return parts_->certificate != nullptr;
}

void Server::refresh_certificate() {
  if (!parts_->certificate) {
    return;
  }
  const auto fresh = parts_->certificate->reload_if_changed();
  if (!fresh) {
    parts_->core.log.warning("The changed TLS files are not used; the old certificate stays.",
                             {{"reason", fresh.error().message}});
  } else if (*fresh) {
    parts_->core.log.info("The TLS certificate was loaded again.");
  }
}

void Server::set_policy(const Limits& limits, const std::string& allowed_origins) {
  parts_->core.set_policy({limits, split_origins(allowed_origins)});
}

std::shared_ptr<const Policy> Server::policy() const {
  return parts_->core.policy();
}

base::SteadyTime Server::io_answered() {
  if (!parts_->is_asked.exchange(true)) {
    boost::asio::post(parts_->io, [raw = parts_.get()] {
      raw->answered = raw->core.now();
      raw->is_asked = false;
    });
  }
  return parts_->answered;
}

void Server::begin_drain() {
  parts_->core.draining = true;
  for (const auto& connection : parts_->core.web_sockets.all()) {
    connection->drain();
  }
}

bool Server::is_draining() const noexcept {
  return parts_->core.draining;
}

bool Server::is_drained() const {
  return parts_->core.web_sockets.size() == 0;
}

}  // namespace storysign::server
