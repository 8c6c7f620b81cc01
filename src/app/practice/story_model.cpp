#include "app/practice/story_model.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <exception>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

using base::ErrorCode;
using nlohmann::json;
using std::chrono::milliseconds;

constexpr unsigned kOk = 200;

std::string instruction(const StoryWish& wish) {
  const practice::LevelRules& rules = practice::rules_of(wish.level);
  return fmt::format(
      "You write very short stories for learners of American Sign Language. Answer with one JSON "
      "object and nothing else: {{\"title\": \"...\", \"sentences\": [{{\"text\": \"...\", "
      "\"glosses\": [\"...\"]}}]}}. Write {} to {} natural English sentences of at most {} words. "
      "For each give {} to {} ASL glosses in signing order: capital letters, words of one gloss "
      "joined by hyphens. Use plain letters and punctuation only, no markup, nothing unfit for "
      "children.",
      rules.min_sentences, rules.max_sentences, rules.max_words, rules.min_glosses,
      rules.max_glosses);
}

std::string with_end(std::string url, std::string_view end) {
  while (url.ends_with('/')) url.pop_back();
  return url.append(end);
}

const json* text_at(const json& answer, const json::json_pointer& where) {
  if (!answer.contains(where)) return nullptr;
  const json& found = answer[where];
  return found.is_string() ? &found : nullptr;
}

}  // namespace

StoryModelOptions story_model_options(const config::Stories& settings) {
  return {.kind = settings.model_kind,
          .url = settings.model_url,
          .name = settings.model_name,
          .key = settings.model_key,
          .timeout = milliseconds(settings.model_timeout_ms)};
}

HttpPost story_request(const StoryModelOptions& options, const StoryWish& wish) {
  const std::string request = fmt::format(
      "Write a story {} \"{}\".", wish.is_topic ? "on the topic" : "with the word", wish.about);
  // Only what every server of the kind understands: not all of them know response_format.
  json body = {{"model", options.name},
               {"messages",
                {{{"role", "system"}, {"content", instruction(wish)}},
                 {{"role", "user"}, {"content", request}}}},
               {"stream", false}};
  const bool is_ollama = options.kind == config::StoryModelKind::kOllama;
  if (is_ollama) body["format"] = "json";
  return {.url = with_end(options.url, is_ollama ? "/api/chat" : "/chat/completions"),
          .body = body.dump(),
          .bearer = options.key,
          .timeout = options.timeout,
          .largest_answer = StoryModel::kLargestAnswer};
}

base::Result<practice::Story> story_of_answer(config::StoryModelKind kind, std::string_view body,
                                              practice::Level level) {
  const json answer = json::parse(body, nullptr, false);
  if (!answer.is_object()) {
    return base::fail(ErrorCode::kInvalidInput, "The model's answer is no JSON object.");
  }
  const json* const text =
      text_at(answer, json::json_pointer(kind == config::StoryModelKind::kOllama
                                             ? "/message/content"
                                             : "/choices/0/message/content"));
  if (text == nullptr) {
    return base::fail(ErrorCode::kInvalidInput, "The model's answer has no message with content.");
  }
  return practice::story_of_model(text->get_ref<const std::string&>(), level);
}

StoryModel::StoryModel(telemetry::Log& log) : log_(log) {}

StoryModel::~StoryModel() {
  client_.stop();
  std::unique_ptr<base::JobThread<Job>> thread;
  {
    // Not held while waiting: the job under way wants to know its options.
    const base::MutexLock lock(mutex_);
    thread = std::move(thread_);
  }
  if (!thread) return;
  for (const Job& job : thread->stop()) {
    job.done(base::fail(ErrorCode::kUnavailable, "The server stops."));
  }
}

void StoryModel::set_options(const StoryModelOptions& options) {
  const base::MutexLock lock(mutex_);
  options_ = options;
  if (options.kind == config::StoryModelKind::kOff || thread_) return;
  try {
    thread_ = std::make_unique<base::JobThread<Job>>("story-model", kMostWaiting,
                                                     [this](Job& job) { run(job); });
  } catch (const std::system_error& failure) {
    options_.kind = config::StoryModelKind::kOff;
    log_.error("There is no thread for the story model; templates write all stories.",
               {{"reason", failure.what()}});
  }
}

StoryModelOptions StoryModel::options() const {
  const base::MutexLock lock(mutex_);
  return options_;
}

bool StoryModel::is_on() const {
  return options().kind != config::StoryModelKind::kOff;
}

bool StoryModel::ask(StoryWish wish, base::SteadyTime now, Done done) {
  const base::MutexLock lock(mutex_);
  if (options_.kind == config::StoryModelKind::kOff || !thread_) return false;
  return thread_->submit(
      {.wish = std::move(wish), .deadline = now + options_.timeout, .done = std::move(done)});
}

void StoryModel::run(Job& job) noexcept {
  try {
    auto story = tell(job);
    if (!story) {
      log_.warning("The story model gave no story.", {{"reason", story.error().message}});
    }
    job.done(std::move(story));
  } catch (const std::exception& failure) {
    log_.error("Asking the story model failed inside.", {{"reason", failure.what()}});
  }
}

base::Result<practice::Story> StoryModel::tell(const Job& job) {
  const StoryModelOptions now = options();
  HttpPost request = story_request(now, job.wish);
  request.timeout = std::chrono::duration_cast<milliseconds>(job.deadline - base::steady_now());
  if (request.timeout <= milliseconds::zero()) {
    return base::fail(ErrorCode::kUnavailable, "Its turn did not come in time.");
  }
  const auto answer = client_.post(request);
  if (!answer) return base::fail(ErrorCode::kUnavailable, answer.error().message);
  if (answer->status != kOk) {
    return base::fail(ErrorCode::kUnavailable,
                      fmt::format("It answers with status {}.", answer->status));
  }
  return story_of_answer(now.kind, answer->body, job.wish.level);
}

}  // namespace storysign::app
