#pragma once

#include "app/net/http_client.hpp"
#include "base/clock.hpp"
#include "base/job_thread.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "practice/story.hpp"
#include "telemetry/log.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace storysign::app {

struct StoryModelOptions {
  config::StoryModelKind kind = config::StoryModelKind::kOff;
  std::string url;  ///< Without the end that belongs to the kind.
  std::string name;
  std::string key;  ///< Empty: none is sent.
  std::chrono::milliseconds timeout{10000};

  bool operator==(const StoryModelOptions&) const = default;
};

[[nodiscard]] StoryModelOptions story_model_options(const config::Stories& settings);

/// What a model is asked for.
struct StoryWish {
  std::string about;  ///< As practice::story_word() or story_topic() gives it.
  bool is_topic = false;
  practice::Level level = practice::Level::kAmateur;
};

/// The URL and the JSON of a request. The model is told the rules of the level and to answer with
/// JSON; what stands for the wish is letters, so nobody can tell the model anything else.
[[nodiscard]] HttpPost story_request(const StoryModelOptions& options, const StoryWish& wish);

/// The story in an answer of the model, held to practice::story_of_model(). Fails with what is
/// wrong, for the log.
[[nodiscard]] base::Result<practice::Story> story_of_answer(config::StoryModelKind kind,
                                                            std::string_view body,
                                                            practice::Level level);

/// Asks a language model for stories, one after the other, on a thread of its own. Any thread but
/// the destructor's. Owned by the story teller.
class StoryModel {
 public:
  /// More wishes than these wait for nobody: they are refused.
  static constexpr std::size_t kMostWaiting = 4;
  /// A longer answer is none: stories have a few hundred bytes.
  static constexpr std::size_t kLargestAnswer = 256UL * 1024;

  /// Called once on the model's thread. Failures: kUnavailable (no answer in time, or a status that
  /// is not 200), kInvalidInput (no usable story); the sentence is for the log.
  using Done = std::function<void(base::Result<practice::Story>)>;

  /// `log` outlives this.
  explicit StoryModel(telemetry::Log& log);
  StoryModel(const StoryModel&) = delete;
  StoryModel& operator=(const StoryModel&) = delete;
  StoryModel(StoryModel&&) = delete;
  StoryModel& operator=(StoryModel&&) = delete;
  /// What waits is answered with a failure.
  ~StoryModel();

  /// From one thread.
  void set_options(const StoryModelOptions& options);
  [[nodiscard]] StoryModelOptions options() const;
  [[nodiscard]] bool is_on() const;

  /// Never waits. False if too many wait; then `done` is not called. The answer comes within the
  /// timeout from `now` on, others that wait included.
  [[nodiscard]] bool ask(StoryWish wish, base::SteadyTime now, Done done);

 private:
  struct Job {
    StoryWish wish;
    base::SteadyTime deadline;
    Done done;
  };

  void run(Job& job) noexcept;
  [[nodiscard]] base::Result<practice::Story> tell(const Job& job);

  // Given.
  telemetry::Log& log_;
  // Owned.
  HttpClient client_;
  // State.
  mutable base::Mutex mutex_;
  StoryModelOptions options_ STORYSIGN_GUARDED_BY(mutex_);
  /// Null until there is a model to ask. The last: it uses all of the above.
  std::unique_ptr<base::JobThread<Job>> thread_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::app
