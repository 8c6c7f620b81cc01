#include "app/serve/service.hpp"

#include "app/model_folder.hpp"
#include "app/serve/stats.hpp"
#include "base/clock.hpp"
#include "session/refusal.hpp"
#include "session/session.hpp"
#include "wire/message_schema.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 2> kFeatures = {"real_time_processing", "landmarks"};
// Answers and messages under way; more are made when needed and not kept.
constexpr std::size_t kTextsKept = 64;
// A text that one large picture has made large is not kept.
constexpr std::size_t kLargestTextKept = 512UL * 1024;
constexpr milliseconds kDrainStep{10};

bool recycle_text(std::string& text) noexcept {
  text.clear();
  return text.capacity() <= kLargestTextKept;
}

wire::WallTime wall_now() {
  return std::chrono::system_clock::now();
}

/// What the engine has to say goes to the log.
class LogWarnings : public engine::WarningListener {
 public:
  explicit LogWarnings(telemetry::Log& log) : log_(log) {}
  void on_warning(std::string_view message) override { log_.warning(message); }

 private:
  telemetry::Log& log_;
};

telemetry::LogOptions log_options(const config::Log& settings) {
  return {.level = static_cast<telemetry::LogLevel>(settings.level),
          .form = settings.format == config::LogFormat::kJson ? telemetry::LogForm::kJson
                                                              : telemetry::LogForm::kText};
}

server::Limits server_limits(const config::Settings& settings) {
  const auto count = [](int value) { return static_cast<std::size_t>(value); };
  server::Limits out;
  out.max_connections = count(settings.server.max_connections);
  out.max_connections_per_address = count(settings.server.max_connections_per_address);
  out.handshake_timeout = milliseconds(settings.limits.handshake_timeout_ms);
  out.idle_timeout = milliseconds(settings.limits.idle_timeout_ms);
  out.header_bytes = count(settings.limits.header_bytes);
  out.body_bytes = count(settings.limits.body_bytes);
  out.http_connections = count(settings.limits.http_connections);
  out.http_connections_per_address = count(settings.limits.http_connections_per_address);
  out.penalty = milliseconds(settings.limits.penalty_ms);
  out.message_bytes = count(settings.websocket.max_size_bytes);
  out.first_message_timeout = milliseconds(settings.limits.first_message_timeout_ms);
  out.ping_interval = milliseconds(settings.websocket.ping_interval_ms);
  out.ping_timeout = milliseconds(settings.websocket.ping_timeout_ms);
  out.close_timeout = milliseconds(settings.websocket.close_timeout_ms);
  out.min_receive_rate = count(settings.limits.min_receive_bytes_per_second);
  out.max_receive_rate = count(settings.limits.max_receive_bytes_per_second);
  out.outbox_timeout = milliseconds(settings.limits.outbox_timeout_ms);
  return out;
}

session::QualitySettings quality_settings(const config::Settings& settings) {
  session::QualitySettings out;
  const auto mode = settings.performance.mode;
  if (mode != config::PerformanceMode::kAuto) {
    // The named modes stand in the order of the profiles, after auto.
    out.controller.pinned = adapt::profile_at(static_cast<int>(mode) - 1);
  }
  out.controller.adaptive = settings.performance.adaptive_quality;
  out.controller.target = milliseconds(settings.performance.target_latency_ms);
  out.controller.max_jpeg_quality = settings.video.quality;
  out.compression = static_cast<codec::CompressionStrategy>(settings.performance.compression);
  out.is_fast = settings.performance.tracking == config::Tracking::kFast;
  out.max_fps = settings.video.fps;
  return out;
}

adapt::PressureOptions pressure_options(const config::Settings& settings, int workers) {
  constexpr double kPercent = 100.0;
  return {.max_cpu = settings.performance.max_cpu_usage / kPercent,
          .max_memory_mib = static_cast<double>(settings.performance.max_memory_usage),
          .target = milliseconds(settings.performance.target_latency_ms),
          .fps = settings.video.fps,
          .workers = workers};
}

pipeline::PipelineOptions pipeline_options(const config::Settings& settings, int workers) {
  pipeline::PipelineOptions out;
  out.workers = workers;
  out.queue = static_cast<std::size_t>(settings.websocket.max_queue);
  out.max_wait = milliseconds(settings.performance.max_wait_ms);
  out.gate.max_side = settings.limits.picture_side;
  out.gate.max_pixels = settings.limits.picture_pixels;
  out.gate.max_scans = settings.limits.picture_scans;
  out.tracker.complexity = settings.mediapipe.model_complexity;
  out.tracker.min_detection_confidence =
      static_cast<float>(settings.mediapipe.min_detection_confidence);
  out.tracker.min_tracking_confidence =
      static_cast<float>(settings.mediapipe.min_tracking_confidence);
  out.tracker.refine_face = settings.mediapipe.refine_face_landmarks;
  out.tracker.segmentation = settings.mediapipe.enable_segmentation;
  return out;
}

wire::ServerInfo server_info(const config::Settings& settings) {
  wire::ServerInfo out;
  out.version = STORYSIGN_VERSION;
  out.features = kFeatures;
  out.max_frame_rate = settings.video.fps;
  out.frame_width = settings.video.width;
  out.frame_height = settings.video.height;
  out.frame_fps = settings.video.fps;
  out.max_message_bytes = static_cast<std::size_t>(settings.websocket.max_size_bytes);
  out.ping_interval = milliseconds(settings.websocket.ping_interval_ms);
  return out;
}

/// The built page beside the program: in the work tree, or installed.
fs::path page_folder(const fs::path& program) {
  const fs::path folder = program.parent_path();
  fs::path in_tree = (folder / "../../web/dist").lexically_normal();
  std::error_code code;
  if (fs::is_directory(in_tree, code)) return in_tree;
  return (folder / "../share/storysign/web").lexically_normal();
}

}  // namespace

class Service::Factory : public session::ConversationFactory {
 public:
  Factory(session::Context& context, bool has_gate) : context_(context), has_gate_(has_gate) {}

  std::unique_ptr<session::Conversation> create(const session::Client& client,
                                                std::shared_ptr<session::Waker> waker,
                                                base::SteadyTime now) override {
    if (has_gate_) {
      const adapt::Admission admission =
          context_.governor.admit(context_.pipeline.load().channels, now);
      if (!admission.admitted()) {
        return refuse(client, admission.sentence);
      }
    }
    return std::make_unique<session::Session>(context_, client, std::move(waker), now);
  }
  std::unique_ptr<session::Conversation> refuse(const session::Client& client,
                                                const std::string& why) override {
    return std::make_unique<session::Refusal>(context_, client, why);
  }
  base::BytesPool& buffers() noexcept override { return context_.pipeline.buffers(); }

 private:
  session::Context& context_;
  bool has_gate_;
};

Service::Service(const config::Settings& settings)
    : settings_(settings),
      workers_(settings.performance.workers),
      log_(log_options(settings.log)),
      sampler_(workers_.cores(), base::steady_now()),
      started_(base::steady_now()),
      governor_(pressure_options(settings, workers_.workers()), started_),
      texts_(kTextsKept, &recycle_text) {}

base::Result<std::unique_ptr<Service>> Service::start(const config::Settings& settings,
                                                      const fs::path& program) {
  std::unique_ptr<Service> service(new Service(settings));
  auto started = service->load_networks(program)
                     .and_then([&] { return service->load_page(program); })
                     .and_then([&] { return service->listen(); });
  if (!started) {
    return tl::unexpected(started.error());
  }
  return service;
}

base::Result<void> Service::load_networks(const fs::path& program) {
  warnings_ = std::make_unique<LogWarnings>(log_);
  engine::OpenVinoOptions options;
  options.model_folder = model_folder(settings_, program);
  options.gpu = static_cast<engine::GpuUse>(settings_.gpu);
  options.workers = workers_.workers();
  options.warnings = warnings_.get();
  auto engine = engine::make_openvino_engine(options);
  if (!engine) {
    return tl::unexpected(engine.error());
  }
  engine_ = std::move(*engine);
  pipeline::PipelineOptions wanted = pipeline_options(settings_, workers_.workers());
  wanted.metrics = &metrics_;
  wanted.log = &log_;
  auto pipeline = pipeline::Pipeline::create(*engine_, wanted);
  if (!pipeline) {
    return tl::unexpected(pipeline.error());
  }
  pipeline_ = std::move(*pipeline);
  context_.emplace(session::Context{
      .pipeline = *pipeline_,
      .metrics = metrics_,
      .resources = machine_,
      .wall_now = &wall_now,
      .info = server_info(settings_),
      .limits = {.frames_per_second = settings_.limits.frames_per_second,
                 .control_per_second = settings_.limits.control_per_second,
                 .errors_in_a_row = settings_.limits.errors_in_a_row,
                 .outbox_bytes = static_cast<std::size_t>(settings_.limits.outbox_bytes)},
      .governor = governor_,
      .quality = quality_settings(settings_),
      .model_complexity = settings_.mediapipe.model_complexity,
      .texts = texts_});
  factory_ = std::make_unique<Factory>(*context_, settings_.performance.admission);
  return {};
}

base::Result<void> Service::load_page(const fs::path& program) {
  const bool is_named = !settings_.server.web_directory.empty();
  auto page = server::StaticFiles::load(is_named ? fs::path(settings_.server.web_directory)
                                                 : page_folder(program));
  if (page) {
    content_.page = std::move(*page);
  } else if (is_named) {
    return tl::unexpected(page.error());
  } else {
    log_.warning(page.error().message);
  }
  content_.version = nlohmann::json{{"name", "storysign"},
                                    {"version", STORYSIGN_VERSION},
                                    {"protocols", {"json", wire::kBinaryProtocol}},
                                    {"device", engine_->device()}}
                         .dump() +
                     "\n";
  content_.schema = wire::message_schema();
  content_.stats = [this] {
    return stats_json(
        {.counted = metrics_.snapshot(),
         .load = pipeline_->load(),
         .resources = machine_.reading(),
         .standing = governor_.standing(),
         .uptime = std::chrono::duration_cast<std::chrono::seconds>(base::steady_now() - started_),
         .now = wall_now()});
  };
  return {};
}

base::Result<void> Service::listen() {
  server::ServerOptions options;
  options.host = settings_.server.host;
  options.port = settings_.server.port;
  options.io_threads = settings_.server.io_threads;
  options.limits = server_limits(settings_);
  options.allowed_origins = settings_.server.allowed_origins;
  options.tls_certificate = settings_.server.tls_certificate;
  options.tls_key = settings_.server.tls_key;
  auto server = server::Server::start(
      options, {.content = content_, .factory = *factory_, .metrics = metrics_, .log = log_});
  if (!server) {
    return tl::unexpected(server.error());
  }
  server_ = std::move(*server);
  log_.info("Listening.", {{"address", address()},
                           {"workers", workers_.workers()},
                           {"io_threads", settings_.server.io_threads},
                           {"device", engine_->device()}});
  return {};
}

std::string Service::address() const {
  const std::string& host = settings_.server.host;
  const bool is_v6 = host.find(':') != std::string::npos;
  const std::string_view scheme = server_->is_tls() ? "https" : "http";
  if (host == "0.0.0.0" || host == "::") {
    return fmt::format("{}://localhost:{}", scheme, server_->port());
  }
  return fmt::format("{}://{}{}{}:{}", scheme, is_v6 ? "[" : "", host, is_v6 ? "]" : "",
                     server_->port());
}

void Service::tick(base::SteadyTime now) {
  follow_machine(now);
  if (const auto reading = sampler_.sample(now)) {
    machine_.update(*reading, wall_now());
    govern(*reading, now);
  }
  server_->refresh_certificate();
}

void Service::govern(const telemetry::ResourceReading& reading, base::SteadyTime now) {
  constexpr double kPercent = 100.0;
  constexpr double kMebibyte = 1024.0 * 1024.0;
  const pipeline::Load load = pipeline_->load();
  governor_.observe({.cpu = reading.process_cpu_percent / kPercent,
                     .workers = load.workers,
                     .cores = workers_.cores(),
                     .memory_mib = static_cast<double>(reading.memory_bytes) / kMebibyte,
                     .sessions = load.channels},
                    now);
}

void Service::follow_machine(base::SteadyTime now) {
  // First where threads run: new workers inherit it.
  affinity_.check();
  const std::optional<int> workers = workers_.check(now);
  sampler_.set_usable_cores(workers_.cores());
  if (!workers) return;
  if (auto set = pipeline_->set_workers(*workers); !set) {
    log_.warning(set.error().message);
    return;
  }
  log_.info("The machine allows another number of workers now.", {{"workers", *workers}});
}

void Service::drain() {
  log_.info("Stopping: clients are told, frames in flight are answered.");
  server_->begin_drain();
  const base::SteadyTime deadline =
      base::steady_now() + milliseconds(settings_.server.drain_timeout_ms);
  while (!server_->is_drained() && base::steady_now() < deadline) {
    std::this_thread::sleep_for(kDrainStep);
  }
  const bool in_time = server_->is_drained();
  log_.info(in_time ? "Stopped." : "Stopped; some clients did not close in time and were cut.");
}

}  // namespace storysign::app
