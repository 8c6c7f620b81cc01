#include "app/serve/live_settings.hpp"

#include "app/serve/part_options.hpp"

#include <utility>

namespace storysign::app {

base::Result<void> apply_live(const config::Settings& before, const config::Settings& settings,
                              const LiveParts& parts) {
  // Only threads and networks for more workers may not be had.
  const int configured_before = parts.workers.configured();
  const int workers_before = parts.workers.workers();
  const int workers = before.performance.workers == settings.performance.workers
                          ? workers_before
                          : parts.workers.configure(settings.performance.workers);
  if (workers != workers_before) {
    if (auto set = parts.pipeline.set_workers(workers); !set) {
      parts.workers.configure(configured_before);
      return set;
    }
  }
  const telemetry::LogOptions log = log_options(settings.log);
  if (before.log.level != settings.log.level) parts.log.set_level(log.level);
  parts.log.set_form(log.form);
  parts.alerts.configure(settings.alerts);
  parts.stories.set_options(story_model_options(settings.stories));
  parts.governor.set_options(pressure_options(settings, workers));
  parts.governor.set_quality(quality_settings(settings));
  parts.governor.set_takes_pictures(takes_pictures(settings));
  parts.pipeline.set_rules(pipeline_rules(settings));
  parts.factory.configure(settings);
  parts.server.set_policy(server_limits(settings), settings.server.allowed_origins);
  return {};
}

}  // namespace storysign::app
