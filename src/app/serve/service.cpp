#include "app/serve/service.hpp"

#include "app/model_folder.hpp"
#include "app/serve/admin_log.hpp"
#include "app/serve/admin_sessions.hpp"
#include "app/serve/exposition.hpp"
#include "app/serve/part_options.hpp"
#include "app/serve/stats.hpp"
#include "auth/roles.hpp"
#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "practice/letters.hpp"
#include "server/proxies.hpp"
#include "session/context.hpp"
#include "telemetry/exposition.hpp"
#include "wire/binary.hpp"
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

// Answers and messages under way; more are made when needed and not kept.
constexpr std::size_t kTextsKept = 64;
// A text that one large picture has made large is not kept.
constexpr std::size_t kLargestTextKept = 512UL * 1024;
constexpr milliseconds kDrainStep{10};
// Inside the page's folder; for operators only.
constexpr std::string_view kDashboardFolder = "admin";

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

/// The built page beside the program: in the work tree, or installed.
fs::path page_folder(const fs::path& program) {
  const fs::path folder = program.parent_path();
  fs::path in_tree = (folder / "../../web/dist").lexically_normal();
  std::error_code code;
  if (fs::is_directory(in_tree, code)) return in_tree;
  return (folder / "../share/storysign/web").lexically_normal();
}

}  // namespace

Service::Service(const config::Settings& settings)
    : settings_(settings),
      workers_(settings.performance.workers),
      log_(log_options(settings.log)),
      engine_log_(log_, "engine"),
      pipeline_log_(log_, "pipeline"),
      server_log_(log_, "server"),
      supervisor_(Supervisor::from_environment(log_)),
      sampler_(workers_.cores(), base::steady_now()),
      traces_(static_cast<std::uint32_t>(settings.telemetry.trace_every)),
      alerts_(settings.alerts, log_),
      started_(base::steady_now()),
      governor_(pressure_options(settings, workers_.workers()), started_),
      texts_(kTextsKept, &recycle_text) {
  governor_.set_takes_pictures(takes_pictures(settings));
}

Service::~Service() {
  // Or an operator's request that waits for this thread would hold up the listener's end.
  if (reloader_) reloader_->close();
}

base::Result<std::unique_ptr<Service>> Service::start(const config::Settings& settings,
                                                      SettingsSource source,
                                                      const fs::path& program) {
  // What is soon told is told before the networks are loaded.
  if (auto proxies = server::TrustedProxies::parse(settings.server.trusted_proxies); !proxies) {
    return tl::unexpected(proxies.error());
  }
  std::unique_ptr<Service> service(new Service(settings));
  if (auto opened = service->log_.failure(); !opened) {
    return tl::unexpected(std::move(opened).error());
  }
  service->reloader_ = std::make_unique<Reloader>(
      std::move(source), settings,
      Reloader::Parts{.log = service->log_,
                      .metrics = service->metrics_,
                      .apply = [raw = service.get()](const config::Settings& wanted) {
                        return raw->reconfigure(wanted);
                      }});
  auto started = service->open_store()
                     .and_then([&] { return service->load_networks(program); })
                     .and_then([&] { return service->load_page(program); })
                     .and_then([&] { return service->listen(); })
                     .and_then([&] { return service->open_admin(program); });
  if (!started) {
    return tl::unexpected(started.error());
  }
  return service;
}

base::Result<void> Service::open_store() {
  auto keeper = Keeper::open(settings_, metrics_, log_, base::steady_now());
  if (!keeper) {
    return tl::unexpected(keeper.error());
  }
  keeper_ = std::move(*keeper);
  keeper_->add_routes(api_);
  content_.api = &api_;
  auto accounts = Accounts::open(settings_, keeper_->queue(), metrics_, log_, api_, content_);
  if (!accounts) {
    return tl::unexpected(accounts.error());
  }
  accounts_ = std::move(*accounts);
  auto classroom = Classroom::open(settings_, keeper_->queue(), log_, api_, base::steady_now());
  if (!classroom) {
    return tl::unexpected(classroom.error());
  }
  classroom_ = std::move(*classroom);
  return {};
}

base::Result<void> Service::load_networks(const fs::path& program) {
  warnings_ = std::make_unique<LogWarnings>(engine_log_);
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
  timed_engine_ = std::make_unique<pipeline::TimedEngine>(*engine_, metrics_);
  pipeline::PipelineOptions wanted = pipeline_options(settings_, workers_.workers());
  wanted.metrics = &metrics_;
  wanted.log = &pipeline_log_;
  auto pipeline = pipeline::Pipeline::create(*timed_engine_, wanted);
  if (!pipeline) {
    return tl::unexpected(pipeline.error());
  }
  pipeline_ = std::move(*pipeline);
  auto letters = practice::LetterReader::create(*timed_engine_);
  if (!letters) {
    return tl::unexpected(letters.error());
  }
  analyst_ = std::make_unique<session::Analyst>(std::move(*letters), metrics_);
  factory_ = std::make_unique<SessionFactory>(
      session::Context{.pipeline = *pipeline_,
                       .metrics = metrics_,
                       .resources = machine_,
                       .wall_now = &wall_now,
                       .info = {},
                       .limits = {},
                       .governor = governor_,
                       .quality = {},
                       .keeping = keeper_->keeping(),
                       .practising = {.analyst = analyst_.get(),
                                      .signs = &classroom_->signs(),
                                      .new_id = &base::random_uuid},
                       .live = &live_,
                       .traces = &traces_,
                       .texts = texts_},
      settings_);
  return {};
}

fs::path Service::web_folder(const fs::path& program) const {
  return settings_.server.web_directory.empty() ? page_folder(program)
                                                : fs::path(settings_.server.web_directory);
}

base::Result<void> Service::load_page(const fs::path& program) {
  const bool is_named = !settings_.server.web_directory.empty();
  auto page = server::StaticFiles::load(web_folder(program), kDashboardFolder);
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
  options.trusted_proxies = settings_.server.trusted_proxies;
  options.tls_certificate = settings_.server.tls_certificate;
  options.tls_key = settings_.server.tls_key;
  auto server = server::Server::start(
      options,
      {.content = content_, .factory = factory_.get(), .metrics = metrics_, .log = server_log_});
  if (!server) {
    return tl::unexpected(server.error());
  }
  server_ = std::move(*server);
  sampler_.restart(base::steady_now());
  log_.info("Listening.", {{"address", address()},
                           {"workers", workers_.workers()},
                           {"io_threads", settings_.server.io_threads},
                           {"device", engine_->device()}});
  return {};
}

base::Result<void> Service::open_admin(const fs::path& program) {
  admin_ = std::make_unique<Admin>(
      settings_, AdminParts{.metrics = metrics_,
                            .log = server_log_,
                            .content = content_,
                            .is_ready = [this] { return !server_->is_draining(); },
                            .dashboard = web_folder(program) / kDashboardFolder});
  keeper_->add_admin_routes(admin_->routes());
  server::AdminRoutes& routes = admin_->routes();
  routes.add({.method = "GET",
              .pattern = "/metrics",
              .fields = {},
              .handler =
                  [this](const server::AdminRequest& /*request*/) {
                    return server::AdminResponse::text(metrics_text(),
                                                       telemetry::Exposition::kContentType);
                  },
              .is_open = !settings_.admin.metrics_token});
  add_session_routes(routes, live_, governor_);
  add_log_routes(routes, log_);
  add_trace_route(routes, traces_);
  add_overview_routes(routes, {.state = [this] { return state(); },
                               .history = history_,
                               .set_workers = [this](int workers) { return set_workers(workers); },
                               .drain =
                                   [this] {
                                     server_->begin_drain();
                                     stop_wanted_ = true;
                                   }});
  alerts_.add_routes(routes);
  reloader_->add_routes(routes);
  return admin_->open();
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

base::Result<void> Service::reconfigure(const config::Settings& settings) {
  const base::MutexLock lock(workers_mutex_);
  return apply_live(settings_, settings,
                    {.workers = workers_,
                     .log = log_,
                     .alerts = alerts_,
                     .stories = classroom_->model(),
                     .governor = governor_,
                     .pipeline = *pipeline_,
                     .factory = *factory_,
                     .server = *server_})
      .map([&] { settings_ = settings; });
}

void Service::tick(base::SteadyTime now) {
  beat(now);
  follow_machine(now);
  if (const auto reading = sampler_.sample(now)) {
    machine_.update(*reading, wall_now());
    alerts_.observe(metrics_.snapshot(), *reading, now, wall_now());
    history_.add(metrics_, *reading, now, wall_now());
    govern(*reading, now);
  }
  server_->refresh_certificate();
  keeper_->tick(now);
  classroom_->tick(now);
}

void Service::beat(base::SteadyTime now) {
  const base::SteadyTime answered = server_->io_answered();
  const pipeline::Load load = pipeline_->load();
  supervisor_.beat({.io_answered = answered,
                    .longest_work = load.longest_work,
                    .is_work_left_alone = load.waiting > 0 && load.busy == 0,
                    .sessions = load.channels,
                    .workers = load.workers},
                   now);
}

void Service::govern(const telemetry::ResourceReading& reading, base::SteadyTime now) {
  constexpr double kPercent = 100.0;
  constexpr double kMebibyte = 1024.0 * 1024.0;
  const pipeline::Load load = pipeline_->load();
  int cores = 1;
  {
    const base::MutexLock lock(workers_mutex_);
    cores = workers_.cores();
  }
  governor_.observe({.cpu = reading.process_cpu_percent / kPercent,
                     .workers = load.workers,
                     .cores = cores,
                     .memory_mib = static_cast<double>(reading.memory_bytes) / kMebibyte,
                     .sessions = load.channels},
                    now);
}

void Service::reopen_log() {
  const auto opened = log_.reopen();
  if (!opened) {
    log_.error(opened.error().message);
  } else if (!settings_.log.file.empty()) {
    log_.info("The log file was opened again.");
  }
}

ServerState Service::state() const {
  ServerState out;
  out.now = wall_now();
  out.uptime = std::chrono::duration_cast<std::chrono::seconds>(base::steady_now() - started_);
  out.is_ready = !server_->is_draining();
  out.load = pipeline_->load();
  out.resources = machine_.reading();
  out.standing = governor_.standing();
  out.sessions = out.load.channels;
  out.alerts = alerts_.counts();
  const base::MutexLock lock(workers_mutex_);
  out.configured_workers = workers_.configured();
  return out;
}

std::string Service::metrics_text() {
  const telemetry::Snapshot counted = metrics_.snapshot();
  const ServerState now = state();
  return app::metrics_text({.counted = counted,
                            .state = now,
                            .sessions_by_profile = live_.by_profile(),
                            .cpu_time = base::process_cpu_time(),
                            .open_descriptors = count_descriptors(),
                            .device = engine_->device(),
                            .gpus = gpus_.sample(base::steady_now())});
}

base::Result<void> Service::set_workers(int configured) {
  const base::MutexLock lock(workers_mutex_);
  const int before = workers_.configured();
  auto set = pipeline_->set_workers(workers_.configure(configured));
  if (!set) workers_.configure(before);
  return set;
}

void Service::follow_machine(base::SteadyTime now) {
  const base::MutexLock lock(workers_mutex_);
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
  reloader_->close();
  supervisor_.stopping();
  log_.info("Stopping: clients are told, frames in flight are answered.");
  server_->begin_drain();
  const base::SteadyTime deadline =
      base::steady_now() + milliseconds(settings_.server.drain_timeout_ms);
  while (!server_->is_drained() && base::steady_now() < deadline) {
    beat(base::steady_now());
    std::this_thread::sleep_for(kDrainStep);
  }
  const bool in_time = server_->is_drained();
  log_.info(in_time ? "Stopped." : "Stopped; some clients did not close in time and were cut.");
}

}  // namespace storysign::app
