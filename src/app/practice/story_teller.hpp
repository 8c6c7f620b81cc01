#pragma once

#include "app/practice/story_model.hpp"
#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/token_bucket.hpp"
#include "practice/story.hpp"
#include "practice/story_maker.hpp"
#include "server/async_routes.hpp"
#include "telemetry/log.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace storysign::app {

/// How often one account may ask the story model. A school's server is shared by many, and a model
/// may cost money; templates may be asked as often as one likes.
class StoryLimits {
 public:
  static constexpr double kPerMinute = 6.0;
  static constexpr double kBurst = 6.0;
  /// Accounts that are remembered at a time.
  static constexpr std::size_t kMostAccounts = 1024;

  /// Any thread.
  [[nodiscard]] bool take(const std::string& account_id, base::SteadyTime now);

 private:
  base::Mutex mutex_;
  std::unordered_map<std::string, base::TokenBucket> buckets_ STORYSIGN_GUARDED_BY(mutex_);
};

/// What a client wishes, checked: {"word" or "topic", "level"}. Fails with a sentence that names
/// the field.
[[nodiscard]] base::Result<StoryWish> read_story_wish(const nlohmann::json& body);

/// Gives stories: those of the library, and new ones by the model if there is one, else by
/// templates. Any thread; made before the server and destroyed after it.
class StoryTeller {
 public:
  /// Fails only where the program was built with damaged stories.
  [[nodiscard]] static base::Result<std::unique_ptr<StoryTeller>> create(telemetry::Log& log);

  /// GET and POST /api/stories.
  void add_routes(server::AsyncRoutes& api);

  [[nodiscard]] StoryModel& model() noexcept { return model_; }

 private:
  StoryTeller(telemetry::Log& log, practice::StoryLibrary library, practice::StoryMaker maker);
  void list(const server::ApiRequest& request, server::Reply reply) const;
  void tell(const server::ApiRequest& request, server::Reply reply);
  [[nodiscard]] practice::Story from_templates(const StoryWish& wish);

  // Given.
  practice::StoryLibrary library_;
  practice::StoryMaker maker_;
  // Owned.
  StoryLimits limits_;
  std::atomic<std::uint64_t> seed_;  ///< Counts on, so that the same wish gives another story.
  StoryModel model_;                 ///< The last: its thread uses what is above.
};

}  // namespace storysign::app
