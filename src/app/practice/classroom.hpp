#pragma once

#include "app/practice/sign_shelf.hpp"
#include "app/practice/story_teller.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "server/async_routes.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"

#include <memory>

namespace storysign::app {

/// What a running server has for practice beside the sessions: stories, signs, lessons and
/// progress, with their routes. Made before the server and destroyed after it. Main thread, except
/// signs().
class Classroom {
 public:
  /// Everything outlives it. Fails only where the program was built with damaged data.
  [[nodiscard]] static base::Result<std::unique_ptr<Classroom>> open(
      const config::Settings& settings, store::Queue& queue, telemetry::Log& log,
      server::AsyncRoutes& api, base::SteadyTime now);

  /// For the sessions.
  [[nodiscard]] SignShelf& signs() noexcept { return signs_; }
  /// Often: looks for signs of other servers when it is time.
  void tick(base::SteadyTime now) { signs_.tick(now); }
  /// Takes live settings.
  [[nodiscard]] StoryModel& model() noexcept { return stories_->model(); }

 private:
  Classroom(store::Queue& queue, telemetry::Log& log, practice::SignLibrary built_in,
            std::unique_ptr<StoryTeller> stories, base::SteadyTime now);

  // Owned.
  SignShelf signs_;
  std::unique_ptr<StoryTeller> stories_;
};

}  // namespace storysign::app
