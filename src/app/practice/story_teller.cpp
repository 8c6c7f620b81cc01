#include "app/practice/story_teller.hpp"

#include "auth/roles.hpp"
#include "base/uuid.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <random>
#include <string_view>
#include <vector>

namespace storysign::app {
namespace {

namespace http = boost::beast::http;
using base::ErrorCode;
using nlohmann::json;

constexpr int kOk = static_cast<int>(http::status::ok);
constexpr int kBadRequest = static_cast<int>(http::status::bad_request);

constexpr std::string_view kNotInTime =
    "The story model could not be reached or did not answer in time, so templates wrote this "
    "story.";
constexpr std::string_view kNotUsable =
    "The story model gave no story that can be used, so templates wrote this one.";
constexpr std::string_view kTooBusy =
    "The story model has too much to write now, so templates wrote this story.";
constexpr std::string_view kTooOften =
    "You have asked the story model often in the last minute, so templates wrote this story.";

std::string level_names() {
  std::vector<std::string_view> names;
  names.reserve(practice::kLevels.size());
  for (const practice::Level level : practice::kLevels) {
    names.push_back(practice::level_name(level));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

tl::unexpected<base::Error> refuse(std::string sentence) {
  return base::fail(ErrorCode::kInvalidInput, std::move(sentence));
}

server::ApiResponse told(const practice::Story& story, std::string_view notice) {
  return {.status = kOk,
          .body = {{"story", to_json(story)}, {"notice", notice.empty() ? json() : json(notice)}},
          .headers = {}};
}

}  // namespace

bool StoryLimits::take(const std::string& account_id, base::SteadyTime now) {
  constexpr double kSeconds = 60.0;
  const base::MutexLock lock(mutex_);
  // Whoever was forgotten begins anew, with no more than the burst.
  if (buckets_.size() >= kMostAccounts && !buckets_.contains(account_id)) buckets_.clear();
  return buckets_.try_emplace(account_id, base::TokenBucket(kPerMinute / kSeconds, kBurst, now))
      .first->second.take(1.0, now);
}

base::Result<StoryWish> read_story_wish(const json& body) {
  if (auto unknown = server::unknown_field(body, {"word", "topic", "level"})) {
    return refuse(std::move(*unknown));
  }
  const auto word = body.find("word");
  const auto topic = body.find("topic");
  if ((word == body.end()) == (topic == body.end())) {
    return refuse("Give one of the fields word and topic.");
  }
  StoryWish out;
  out.is_topic = topic != body.end();
  const auto& about = out.is_topic ? topic : word;
  if (!about->is_string()) {
    return refuse(fmt::format("The field {} must be a text.", out.is_topic ? "topic" : "word"));
  }
  auto checked = out.is_topic ? practice::story_topic(about->get_ref<const std::string&>())
                              : practice::story_word(about->get_ref<const std::string&>());
  if (!checked) {
    return refuse(
        fmt::format("The field {}: {}", out.is_topic ? "topic" : "word", checked.error().message));
  }
  out.about = std::move(*checked);
  const auto level = body.find("level");
  const auto known = level != body.end() && level->is_string()
                         ? practice::parse_level(level->get_ref<const std::string&>())
                         : std::nullopt;
  if (!known) return refuse(fmt::format("The field level must be one of {}.", level_names()));
  out.level = *known;
  return out;
}

StoryTeller::StoryTeller(telemetry::Log& log, practice::StoryLibrary library,
                         practice::StoryMaker maker)
    : library_(std::move(library)),
      maker_(std::move(maker)),
      seed_(std::random_device{}()),
      model_(log) {}

base::Result<std::unique_ptr<StoryTeller>> StoryTeller::create(telemetry::Log& log) {
  auto library = practice::StoryLibrary::built_in();
  if (!library) return tl::unexpected(library.error());
  auto maker = practice::StoryMaker::built_in();
  if (!maker) return tl::unexpected(maker.error());
  return std::unique_ptr<StoryTeller>(new StoryTeller(log, std::move(*library), std::move(*maker)));
}

void StoryTeller::add_routes(server::AsyncRoutes& api) {
  api.add(http::verb::get, "/api/stories", auth::Right::kPractise,
          [this](const server::ApiRequest& request, server::Reply reply) {
            list(request, std::move(reply));
          });
  api.add(http::verb::post, "/api/stories", auth::Right::kPractise,
          [this](const server::ApiRequest& request, server::Reply reply) {
            tell(request, std::move(reply));
          });
}

void StoryTeller::list(const server::ApiRequest& request, server::Reply reply) const {
  const auto given = request.parameter("level");
  const auto level = given ? practice::parse_level(*given) : std::nullopt;
  if (given && !level) {
    reply.error(kBadRequest, fmt::format("level must be one of {}.", level_names()));
    return;
  }
  json stories = json::array();
  for (const practice::Story& story : library_.stories()) {
    if (!level || story.level == *level) stories.push_back(to_json(story));
  }
  reply({.status = kOk, .body = {{"stories", std::move(stories)}}, .headers = {}});
}

practice::Story StoryTeller::from_templates(const StoryWish& wish) {
  const std::uint64_t seed = seed_++;
  return wish.is_topic ? maker_.make_of_topic(wish.about, wish.level, seed)
                       : maker_.make(wish.about, wish.level, seed);
}

void StoryTeller::tell(const server::ApiRequest& request, server::Reply given) {
  const auto wish = read_story_wish(request.body);
  if (!wish) {
    given.error(kBadRequest, wish.error().message);
    return;
  }
  if (!model_.is_on()) {
    given(told(from_templates(*wish), {}));
    return;
  }
  const base::SteadyTime now = base::steady_now();
  if (!limits_.take(request.who->id, now)) {
    given(told(from_templates(*wish), kTooOften));
    return;
  }
  // Shared, because a std::function must be copyable; used once.
  const auto reply = std::make_shared<server::Reply>(std::move(given));
  const bool taken =
      model_.ask(*wish, now, [this, wish = *wish, reply](base::Result<practice::Story> story) {
        if (story) {
          story->id = base::random_uuid();
          (*reply)(told(*story, {}));
        } else {
          (*reply)(told(from_templates(wish),
                        story.error().code == ErrorCode::kInvalidInput ? kNotUsable : kNotInTime));
        }
      });
  if (!taken) (*reply)(told(from_templates(*wish), kTooBusy));
}

}  // namespace storysign::app
