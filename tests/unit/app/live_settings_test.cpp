// Walks every live key: another value comes by a reload, and the part that acts on it has it.

#include "app/serve/live_settings.hpp"

#include "base/clock.hpp"
#include "base/pool.hpp"
#include "config/diff.hpp"
#include "config/keys.hpp"
#include "engine/null_engine.hpp"
#include "server/core.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace storysign::app {
namespace {

class NoNetworks : public engine::NullScript {
 public:
  base::Result<void> answer(engine::Model /*model*/, std::span<const float> /*input*/,
                            std::span<const engine::NullOutput> /*outputs*/) override {
    return {};
  }
};

class NoResources : public session::ResourceReport {
 public:
  [[nodiscard]] wire::ResourceStats latest() const override { return {}; }
};

class NoLines : public telemetry::LogSink {
 public:
  void write(std::string_view /*line*/) override {}
};

wire::WallTime no_wall() {
  return {};
}

config::Settings one_worker() {
  config::Settings settings;
  settings.performance.workers = 1;
  return settings;
}

/// The live parts of a server, on a free port and without networks.
class LiveSettings : public ::testing::Test {
 protected:
  LiveSettings() {
    pipeline::PipelineOptions wanted;
    wanted.metrics = &metrics_;
    auto pipeline = pipeline::Pipeline::create(*engine_, wanted);
    EXPECT_TRUE(pipeline);
    pipeline_ = std::move(*pipeline);
    factory_ = std::make_unique<SessionFactory>(session::Context{.pipeline = *pipeline_,
                                                                 .metrics = metrics_,
                                                                 .resources = resources_,
                                                                 .wall_now = &no_wall,
                                                                 .info = {},
                                                                 .limits = {},
                                                                 .governor = governor_,
                                                                 .quality = {},
                                                                 .texts = texts_},
                                                settings_);
    server::ServerOptions options;
    options.port = 0;
    auto server = server::Server::start(
        options,
        {.content = content_, .factory = factory_.get(), .metrics = metrics_, .log = log_});
    EXPECT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }

  base::Result<void> apply(const config::Settings& settings) {
    return apply_live(in_force_, settings,
                      {.workers = workers_,
                       .log = log_,
                       .alerts = alerts_,
                       .stories = stories_,
                       .governor = governor_,
                       .pipeline = *pipeline_,
                       .factory = *factory_,
                       .server = *server_})
        .map([&] { in_force_ = settings; });
  }

  config::Settings settings_ = one_worker();
  config::Settings in_force_ = settings_;
  NoLines lines_;
  NoNetworks script_;
  NoResources resources_;
  std::unique_ptr<engine::Engine> engine_ = engine::make_null_engine(&script_);
  telemetry::Log log_{
      {.level = telemetry::LogLevel::kInfo, .form = telemetry::LogForm::kText, .sink = &lines_}};
  telemetry::Metrics metrics_;
  WorkerFollower workers_{1};
  AlertMonitor alerts_{settings_.alerts, log_};
  StoryModel stories_{log_};
  session::Governor governor_{{}, base::steady_now()};
  base::Pool<std::string> texts_{1, [](std::string& /*text*/) noexcept { return true; }};
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::unique_ptr<SessionFactory> factory_;
  server::Content content_;
  std::unique_ptr<server::Server> server_;
};

/// What a part holds for a key, as text. Drain time is the service's own: tests/e2e/test_reload.py.
using Look = std::function<std::string()>;

template <class T>
std::string text(T value) {
  if constexpr (std::is_enum_v<T>) {
    return fmt::format("{}", static_cast<int>(value));
  } else {
    return fmt::format("{}", value);
  }
}

// NOLINTBEGIN(cppcoreguidelines-macro-usage): a row is a key and an expression.
#define ROW(key, expression) {key, [this] { return text(expression); }}

class EveryLiveKey : public LiveSettings {
 protected:
  [[nodiscard]] server::Limits limits() const { return server_->policy()->limits; }
  [[nodiscard]] adapt::QualityOptions controller() const { return governor_.quality().controller; }
  [[nodiscard]] practice::GestureRules gestures() const {
    return factory_->context()->practising.gestures;
  }
  [[nodiscard]] const telemetry::AlertThresholds& alert(telemetry::Alert which) const {
    return alerts_.rules().thresholds[static_cast<std::size_t>(which)];
  }

  const std::map<std::string_view, Look> looks = {
      ROW("performance.mode", controller().pinned ? static_cast<int>(*controller().pinned) : -1),
      ROW("performance.adaptive_quality", controller().adaptive),
      ROW("performance.target_latency_ms",
          controller().target.count() + governor_.options().target.count()),
      ROW("performance.max_cpu_usage", governor_.options().max_cpu),
      ROW("performance.max_memory_usage", governor_.options().max_memory_mib),
      ROW("performance.admission", factory_->context()->limits.admission),
      ROW("performance.tracking", governor_.quality().is_fast),
      ROW("performance.workers", pipeline_->load().workers),
      ROW("performance.max_wait_ms", pipeline_->rules().max_wait.count()),
      ROW("performance.compression", governor_.quality().compression),
      ROW("privacy.pictures",
          governor_.takes_pictures() ? factory_->context()->info.pictures : "none"),
      ROW("video.quality", controller().max_jpeg_quality),
      ROW("video.width", factory_->context()->info.frame_width),
      ROW("video.height", factory_->context()->info.frame_height),
      ROW("video.fps", factory_->context()->info.frame_fps + factory_->context()->quality.max_fps +
                           governor_.options().fps),
      ROW("server.max_connections", limits().max_connections),
      ROW("server.max_connections_per_address", limits().max_connections_per_address),
      ROW("server.allowed_origins", server_->policy()->allowed_origins.size()),
      ROW("websocket.ping_interval_ms", limits().ping_interval.count()),
      ROW("websocket.ping_timeout_ms", limits().ping_timeout.count()),
      ROW("websocket.close_timeout_ms", limits().close_timeout.count()),
      ROW("websocket.max_size_bytes",
          limits().message_bytes + factory_->context()->info.max_message_bytes),
      ROW("websocket.max_queue", pipeline_->rules().queue),
      ROW("limits.handshake_timeout_ms", limits().handshake_timeout.count()),
      ROW("limits.idle_timeout_ms", limits().idle_timeout.count()),
      ROW("limits.http_connections", limits().http_connections),
      ROW("limits.http_connections_per_address", limits().http_connections_per_address),
      ROW("limits.first_message_timeout_ms", limits().first_message_timeout.count()),
      ROW("limits.header_bytes", limits().header_bytes),
      ROW("limits.body_bytes", limits().body_bytes),
      ROW("limits.min_receive_bytes_per_second", limits().min_receive_rate),
      ROW("limits.max_receive_bytes_per_second", limits().max_receive_rate),
      ROW("limits.frames_per_second", factory_->context()->limits.frames_per_second),
      ROW("limits.control_per_second", factory_->context()->limits.control_per_second),
      ROW("limits.errors_in_a_row", factory_->context()->limits.errors_in_a_row),
      ROW("limits.penalty_ms", limits().penalty.count()),
      ROW("limits.outbox_bytes", factory_->context()->limits.outbox_bytes),
      ROW("gesture_detection.enabled", gestures().enabled),
      ROW("gesture_detection.velocity_threshold", gestures().velocity_threshold),
      ROW("gesture_detection.pause_duration_ms", gestures().pause.count()),
      ROW("gesture_detection.min_gesture_duration_ms", gestures().min_gesture.count()),
      ROW("gesture_detection.landmark_buffer_size", gestures().buffer),
      ROW("gesture_detection.smoothing_window", gestures().smoothing_window),
      ROW("limits.outbox_timeout_ms", limits().outbox_timeout.count()),
      ROW("limits.picture_side", pipeline_->rules().gate.max_side),
      ROW("limits.picture_pixels", pipeline_->rules().gate.max_pixels),
      ROW("limits.picture_scans", pipeline_->rules().gate.max_scans),
      ROW("log.level", log_.level()),
      ROW("log.format", log_.form()),
      ROW("alerts.enabled", alerts_.rules().enabled),
      ROW("alerts.latency_p95_warning_ms", alert(telemetry::Alert::kLatencyP95).warning),
      ROW("alerts.latency_p95_critical_ms", alert(telemetry::Alert::kLatencyP95).critical),
      ROW("alerts.cpu_warning_percent", alert(telemetry::Alert::kCpu).warning),
      ROW("alerts.cpu_critical_percent", alert(telemetry::Alert::kCpu).critical),
      ROW("alerts.memory_warning_mib", alert(telemetry::Alert::kMemory).warning),
      ROW("alerts.memory_critical_mib", alert(telemetry::Alert::kMemory).critical),
      ROW("alerts.drop_rate_warning_percent", alert(telemetry::Alert::kDropRate).warning),
      ROW("alerts.drop_rate_critical_percent", alert(telemetry::Alert::kDropRate).critical),
      ROW("alerts.window_ms", alerts_.window().count()),
      ROW("alerts.raise_after_ms", alerts_.rules().raise_after.count()),
      ROW("alerts.clear_after_ms", alerts_.rules().clear_after.count()),
      ROW("alerts.hysteresis_percent", alerts_.rules().hysteresis),
      ROW("alerts.webhook_url", alerts_.webhook().options().url),
      ROW("alerts.webhook_timeout_ms", alerts_.webhook().options().timeout.count()),
      ROW("alerts.webhook_tries", alerts_.webhook().options().tries),
      ROW("alerts.webhook_backoff_ms", alerts_.webhook().options().first_wait.count()),
      ROW("stories.model_kind", stories_.options().kind),
      ROW("stories.model_url", stories_.options().url),
      ROW("stories.model_name", stories_.options().name),
      ROW("stories.model_key", stories_.options().key),
      ROW("stories.model_timeout_ms", stories_.options().timeout.count()),
  };
};
#undef ROW
// NOLINTEND(cppcoreguidelines-macro-usage)

/// Live keys whose effect is not in one of these parts.
bool is_elsewhere(std::string_view key) {
  return key == "server.drain_timeout_ms";
}

config::Value another(const config::Key& key, const config::Settings& settings) {
  const config::Value now = key.get(settings);
  switch (key.type) {
    case config::ValueType::kBoolean:
      return !std::get<bool>(now);
    case config::ValueType::kInteger: {
      const auto value = std::get<std::int64_t>(now);
      return static_cast<double>(value) < key.max ? value + 1 : value - 1;
    }
    case config::ValueType::kReal:
      return std::get<double>(now) / 2.0 + 1.0;
    case config::ValueType::kChoice:
      return std::string(key.choices[std::get<std::string>(now) == key.choices[0] ? 1 : 0]);
    case config::ValueType::kText:
      break;
  }
  return std::string("https://other.example");
}

TEST_F(EveryLiveKey, HasAPartThatGetsItsNewValue) {
  ASSERT_TRUE(apply(settings_));
  for (const config::Key& key : config::keys()) {
    if (!key.is_live() || is_elsewhere(key.name)) continue;
    SCOPED_TRACE(key.name);
    const auto look = looks.find(key.name);
    ASSERT_NE(look, looks.end()) << "a live key needs a row here";
    const std::string before = look->second();
    config::Settings changed = settings_;
    key.set(changed, another(key, settings_));
    ASSERT_TRUE(apply(changed));
    EXPECT_NE(look->second(), before);
    // And nobody else's.
    for (const auto& [other, value] : looks) {
      if (other == key.name) continue;
      const std::string now = value();
      ASSERT_TRUE(apply(settings_));
      EXPECT_EQ(value(), now) << other;
      ASSERT_TRUE(apply(changed));
    }
    ASSERT_TRUE(apply(settings_));
    EXPECT_EQ(look->second(), before);
  }
}

TEST_F(EveryLiveKey, IsALiveKey) {
  for (const auto& [name, look] : looks) {
    const config::Key* const key = config::find_key(name);
    ASSERT_NE(key, nullptr) << name;
    EXPECT_TRUE(key->is_live()) << name;
  }
}

TEST_F(LiveSettings, WorkersFollowTheMachineAgain) {
  config::Settings three = settings_;
  three.performance.workers = 3;
  ASSERT_TRUE(apply(three));
  EXPECT_EQ(pipeline_->load().workers, 3);
  config::Settings machine = settings_;
  machine.performance.workers = 0;
  ASSERT_TRUE(apply(machine));
  EXPECT_EQ(pipeline_->load().workers, workers_.cores());
  EXPECT_EQ(workers_.configured(), 0);
}

TEST_F(LiveSettings, AnOperatorsOrderStaysUntilItsKeyChanges) {
  ASSERT_TRUE(pipeline_->set_workers(workers_.configure(2)));
  log_.set_level(telemetry::LogLevel::kDebug);
  config::Settings other = settings_;
  other.video.fps = 20;
  ASSERT_TRUE(apply(other));
  EXPECT_EQ(pipeline_->load().workers, 2);
  EXPECT_EQ(log_.level(), telemetry::LogLevel::kDebug);
  other.performance.workers = 3;
  other.log.level = config::LogLevel::kError;
  ASSERT_TRUE(apply(other));
  EXPECT_EQ(pipeline_->load().workers, 3);
  EXPECT_EQ(log_.level(), telemetry::LogLevel::kError);
}

TEST_F(LiveSettings, IfWorkersCannotBeHadNothingChanges) {
  config::Settings wanted = settings_;
  wanted.performance.workers = 1000;  // More than the pipeline takes.
  wanted.server.max_connections = 3;
  const auto applied = apply(wanted);
  ASSERT_FALSE(applied);
  EXPECT_EQ(workers_.configured(), 1);
  EXPECT_EQ(workers_.workers(), 1);
  EXPECT_EQ(pipeline_->load().workers, 1);
  EXPECT_EQ(server_->policy()->limits.max_connections, 20U);
}

}  // namespace
}  // namespace storysign::app
