#pragma once

#include "app/practice/story_model.hpp"
#include "app/serve/alert_monitor.hpp"
#include "app/serve/session_factory.hpp"
#include "app/serve/worker_follower.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "pipeline/pipeline.hpp"
#include "server/server.hpp"
#include "session/governor.hpp"
#include "telemetry/log.hpp"

namespace storysign::app {

/// The parts of a running server that take settings while it runs.
struct LiveParts {
  WorkerFollower& workers;
  telemetry::Log& log;
  AlertMonitor& alerts;
  StoryModel& stories;
  session::Governor& governor;
  pipeline::Pipeline& pipeline;
  SessionFactory& factory;
  server::Server& server;
};

/// Hands every live key (Key::is_live()) to the part that acts on it, and disconnects nobody. All
/// or nothing: what may fail comes first, and then nothing has changed. What an operator has
/// ordered meanwhile (workers, level of the log) stays, unless its key is another one than
/// `before`. `settings` is config::with_live_values() of what is in force. Main thread.
[[nodiscard]] base::Result<void> apply_live(const config::Settings& before,
                                            const config::Settings& settings,
                                            const LiveParts& parts);

}  // namespace storysign::app
