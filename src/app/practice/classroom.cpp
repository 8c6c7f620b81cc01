#include "app/practice/classroom.hpp"

#include "app/practice/practice_routes.hpp"

#include <utility>

namespace storysign::app {

base::Result<std::unique_ptr<Classroom>> Classroom::open(const config::Settings& settings,
                                                         store::Queue& queue, telemetry::Log& log,
                                                         server::AsyncRoutes& api,
                                                         base::SteadyTime now) {
  auto stories = StoryTeller::create(log);
  if (!stories) return tl::unexpected(stories.error());
  auto signs = practice::built_in_signs();
  if (!signs) return tl::unexpected(signs.error());
  std::unique_ptr<Classroom> out(
      new Classroom(queue, log, std::move(*signs), std::move(*stories), now));
  out->model().set_options(story_model_options(settings.stories));
  out->stories_->add_routes(api);
  add_sign_routes(api, out->signs_, queue);
  add_lesson_routes(api, out->signs_, queue);
  add_progress_routes(api, queue);
  return out;
}

Classroom::Classroom(store::Queue& queue, telemetry::Log& log, practice::SignLibrary built_in,
                     std::unique_ptr<StoryTeller> stories, base::SteadyTime now)
    : signs_(queue, log, std::move(built_in), now), stories_(std::move(stories)) {}

}  // namespace storysign::app
