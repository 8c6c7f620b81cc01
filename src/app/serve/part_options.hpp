#pragma once

#include "adapt/pressure.hpp"
#include "config/settings.hpp"
#include "pipeline/pipeline.hpp"
#include "practice/gesture.hpp"
#include "server/limits.hpp"
#include "session/context.hpp"
#include "session/quality_settings.hpp"
#include "telemetry/log.hpp"
#include "wire/server_message.hpp"

// What each part of the server wants of the settings, at the start and at a reload.
namespace storysign::app {

[[nodiscard]] telemetry::LogOptions log_options(const config::Log& settings);
[[nodiscard]] server::Limits server_limits(const config::Settings& settings);
[[nodiscard]] session::Limits session_limits(const config::Settings& settings);
[[nodiscard]] practice::GestureRules gesture_rules(const config::Settings& settings);
[[nodiscard]] session::QualitySettings quality_settings(const config::Settings& settings);
[[nodiscard]] adapt::PressureOptions pressure_options(const config::Settings& settings,
                                                      int workers);
[[nodiscard]] pipeline::PipelineRules pipeline_rules(const config::Settings& settings);
[[nodiscard]] pipeline::PipelineOptions pipeline_options(const config::Settings& settings,
                                                         int workers);
/// privacy.pictures.
[[nodiscard]] bool takes_pictures(const config::Settings& settings);
[[nodiscard]] wire::ServerInfo server_info(const config::Settings& settings);

}  // namespace storysign::app
