#include "app/load/load.hpp"

#include "app/load/client.hpp"
#include "wire/base64.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace storysign::app {
namespace {

using namespace std::chrono_literals;

/// The clients and what ends them. The io_context is declared first: what hangs on it goes first.
class Run {
 public:
  Run(const LoadOptions& options, std::span<const Frames> clips, const StopSignal& stop)
      : stop_(stop),
        tls_(boost::asio::ssl::context::tls_client),
        watch_(io_),
        run_{.options = options,
             .clips = clips,
             .connection = {},
             .origin = base::steady_now(),
             .base64 = {},
             .timeline = Timeline(base::steady_now()),
             .first_due = std::nullopt} {
    boost::system::error_code ignored;  // Without them no certificate is trusted, and that is said.
    tls_.set_default_verify_paths(ignored);
    const bool binary = options.protocol == LoadProtocol::kBinary;
    run_.connection = {.target = options.target,
                       .subprotocol = binary ? std::string(wire::kBinaryProtocol) : std::string(),
                       .tls = &tls_,
                       .verify = options.verify};
    if (!binary) {
      for (const Frames& frames : clips) {
        std::vector<std::string>& texts = run_.base64.emplace_back();
        for (const base::Bytes& jpeg : frames.coded) {
          wire::append_base64(jpeg, texts.emplace_back());
        }
      }
    }
    for (int i = 0; i < options.clients; ++i) {
      clients_.push_back(std::make_unique<LoadClient>(io_, run_, i));
    }
    // Preparing takes time that is not the clients'.
    run_.origin = base::steady_now();
    run_.timeline = Timeline(run_.origin);
  }

  LoadReport run() {
    const auto cpu = base::process_cpu_time();
    for (const auto& client : clients_) client->start();
    look_around();
    io_.run();
    LoadReport report = describe();
    report.wall_seconds = seconds_since(run_.first_due.value_or(run_.origin));
    report.own_cpu_share = std::chrono::duration<double>(base::process_cpu_time() - cpu).count() /
                           std::max(seconds_since(run_.origin), 1e-9);
    return report;
  }

 private:
  static double seconds_since(base::SteadyTime time) {
    return std::max(std::chrono::duration<double>(base::steady_now() - time).count(), 0.0);
  }

  /// A few times a second: has somebody asked to stop, is everybody done?
  void look_around() {
    const bool finished = std::all_of(clients_.begin(), clients_.end(),
                                      [](const auto& client) { return client->finished(); });
    if (finished) return io_.stop();
    if (stop_.stopped() && !stopped_) {
      stopped_ = true;
      for (const auto& client : clients_) client->stop();
    }
    watch_.expires_after(20ms);
    watch_.async_wait([this](const boost::system::error_code& error) {
      if (!error) look_around();
    });
  }

  LoadReport describe() const {
    const LoadOptions& options = run_.options;
    LoadReport report;
    report.url = options.url;
    report.protocol = options.protocol == LoadProtocol::kBinary ? "storysign.v1" : "json";
    report.mode = mode_name(options.mode);
    report.practice = practice_name(options.practice);
    report.fps = options.fps;
    report.seconds = options.seconds;
    report.settle_seconds = options.settle_seconds;
    report.deadline_ms = static_cast<double>(options.deadline.count());
    report.width = run_.clips.front().size.width;
    report.height = run_.clips.front().size.height;
    report.stopped = stopped_;
    for (const auto& client : clients_) report.clients.push_back(client->report());
    report.timeline = run_.timeline.seconds();
    return report;
  }

  // Given.
  const StopSignal& stop_;
  // Owned.
  boost::asio::io_context io_{1};
  boost::asio::ssl::context tls_;
  boost::asio::steady_timer watch_;
  LoadRun run_;
  std::vector<std::unique_ptr<LoadClient>> clients_;
  // State.
  bool stopped_ = false;
};

}  // namespace

const char* mode_name(LoadMode mode) noexcept {
  constexpr std::array<const char*, 4> kNames = {"annotated", "landmarks", "both", "edge"};
  return kNames[static_cast<std::size_t>(mode)];
}

const char* practice_name(LoadPractice practice) noexcept {
  constexpr std::array<const char*, 3> kNames = {"", "signs", "letters"};
  return kNames[static_cast<std::size_t>(practice)];
}

LoadReport run_load(const LoadOptions& options, std::span<const Frames> clips,
                    const StopSignal& stop) {
  Run run(options, clips, stop);
  return run.run();
}

}  // namespace storysign::app
