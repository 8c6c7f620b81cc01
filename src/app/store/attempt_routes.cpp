#include "app/store/store_routes.hpp"
#include "auth/roles.hpp"
#include "base/uuid.hpp"
#include "wire/timestamp.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace storysign::app {
namespace {

namespace http = boost::beast::http;
using nlohmann::json;

constexpr std::size_t kLongestKind = 64;
constexpr std::size_t kLongestTarget = 512;
constexpr std::size_t kLongestDetail = 16384;
constexpr int kUsualLimit = 100;
constexpr int kMostAttempts = 1000;

tl::unexpected<base::Error> refuse(std::string_view field, std::string_view must) {
  return base::fail(base::ErrorCode::kInvalidInput,
                    fmt::format("The field {} must be {}.", field, must));
}

/// 1 to `longest` bytes without NUL, which not every database takes.
bool is_text(const json& body, std::string_view field, std::size_t longest) {
  const auto found = body.find(field);
  if (found == body.end() || !found->is_string()) return false;
  const auto& text = found->get_ref<const std::string&>();
  return !text.empty() && text.size() <= longest && text.find('\0') == std::string::npos;
}

bool is_id(const json& body, std::string_view field) {
  const auto found = body.find(field);
  return found != body.end() && found->is_string() &&
         base::is_uuid(found->get_ref<const std::string&>());
}

json json_of(const store::Attempt& attempt) {
  return {{"attempt_id", attempt.id},
          {"session_id", attempt.session_id ? json(*attempt.session_id) : json()},
          {"time", wire::timestamp(attempt.time)},
          {"kind", attempt.kind},
          {"target", attempt.target},
          {"accepted", attempt.accepted},
          {"score", attempt.score},
          {"detail", json::parse(attempt.detail, nullptr, false)}};
}

/// Nothing: the usual one; a failure: no number.
std::optional<int> read_limit(const server::ApiRequest& request) {
  const auto given = request.parameter("limit");
  if (!given) return kUsualLimit;
  int limit = 0;
  const char* const end = given->data() + given->size();
  const auto [stopped, wrong] = std::from_chars(given->data(), end, limit);
  if (wrong != std::errc() || stopped != end || limit < 1 || limit > kMostAttempts) {
    return std::nullopt;
  }
  return limit;
}

void post(store::Queue& queue, const server::ApiRequest& request, server::Reply given) {
  auto attempt = read_attempt(request.body);
  if (!attempt) {
    given.error(static_cast<int>(http::status::bad_request), attempt.error().message);
    return;
  }
  attempt->account_id = request.who->id;
  attempt->time = std::chrono::system_clock::now();
  // Shared, because a std::function must be copyable; each is used once.
  const auto reply = std::make_shared<server::Reply>(std::move(given));
  const auto added = std::make_shared<store::Added>(store::Added::kStored);
  const bool taken = queue.write(
      [attempt = *attempt, added](store::Store& store) -> base::Result<void> {
        const auto stored = store.add_attempt(attempt);
        if (!stored) return tl::unexpected(stored.error());
        *added = *stored;
        return {};
      },
      [id = attempt->id, added, reply](const base::Result<void>& committed) {
        if (!committed) {
          (*reply)(store_error(committed.error()));
          return;
        }
        const auto status =
            *added == store::Added::kStored ? http::status::created : http::status::ok;
        (*reply)({.status = static_cast<int>(status),
                  .body = {{"ok", true}, {"attempt_id", id}},
                  .headers = {}});
      });
  if (!taken) (*reply)(store_busy());
}

void list(store::Queue& queue, const server::ApiRequest& request, server::Reply given) {
  const auto limit = read_limit(request);
  if (!limit) {
    given.error(static_cast<int>(http::status::bad_request),
                fmt::format("limit must be a whole number from 1 to {}.", kMostAttempts));
    return;
  }
  const auto reply = std::make_shared<server::Reply>(std::move(given));
  const bool taken = queue.ask([id = request.who->id, limit = *limit, reply](store::Store& store) {
    const auto found = store.attempts_of(id, limit);
    if (!found) {
      (*reply)(store_error(found.error()));
      return;
    }
    json attempts = json::array();
    for (const store::Attempt& attempt : *found) attempts.push_back(json_of(attempt));
    (*reply)({.status = static_cast<int>(http::status::ok),
              .body = {{"attempts", std::move(attempts)}},
              .headers = {}});
  });
  if (!taken) (*reply)(store_busy());
}

}  // namespace

base::Result<store::Attempt> read_attempt(const json& body) {
  if (auto unknown = server::unknown_field(
          body, {"attempt_id", "session_id", "kind", "target", "accepted", "score", "detail"})) {
    return base::fail(base::ErrorCode::kInvalidInput, std::move(*unknown));
  }
  if (!is_id(body, "attempt_id")) return refuse("attempt_id", "a uuid in lower case");
  const auto session = body.find("session_id");
  const bool has_session = session != body.end() && !session->is_null();
  if (has_session && !is_id(body, "session_id")) {
    return refuse("session_id", "a uuid in lower case, or absent");
  }
  if (!is_text(body, "kind", kLongestKind)) {
    return refuse("kind", fmt::format("a text of 1 to {} bytes", kLongestKind));
  }
  if (!is_text(body, "target", kLongestTarget)) {
    return refuse("target", fmt::format("a text of 1 to {} bytes", kLongestTarget));
  }
  const auto accepted = body.find("accepted");
  if (accepted == body.end() || !accepted->is_boolean()) return refuse("accepted", "true or false");
  const auto score = body.find("score");
  if (score == body.end() || !score->is_number() || score->get<double>() < 0.0 ||
      score->get<double>() > 1.0) {
    return refuse("score", "a number from 0 to 1");
  }
  std::string detail = "{}";
  if (const auto given = body.find("detail"); given != body.end() && !given->is_null()) {
    detail = given->is_object() ? given->dump() : std::string();
    if (detail.empty() || detail.size() > kLongestDetail) {
      return refuse("detail", fmt::format("an object of at most {} bytes", kLongestDetail));
    }
  }
  store::Attempt out;
  out.id = body["attempt_id"].get<std::string>();
  if (has_session) out.session_id = session->get<std::string>();
  out.kind = body["kind"].get<std::string>();
  out.target = body["target"].get<std::string>();
  out.accepted = accepted->get<bool>();
  out.score = score->get<double>();
  out.detail = std::move(detail);
  return out;
}

server::ApiResponse store_error(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kInvalidInput:
      return server::api_error(static_cast<int>(http::status::conflict), error.message);
    case base::ErrorCode::kNotFound:
      return server::api_error(static_cast<int>(http::status::not_found), error.message);
    default: {
      // What a database says is for the log, not for a client.
      auto answer = server::api_error(static_cast<int>(http::status::service_unavailable),
                                      "The store cannot be reached or written to now; try again "
                                      "in a few seconds.");
      answer.headers.emplace_back("Retry-After", "5");
      return answer;
    }
  }
}

server::ApiResponse store_busy() {
  auto answer = server::api_error(static_cast<int>(http::status::service_unavailable),
                                  "The server has too much to write now; try again in a second.");
  answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

void add_attempt_routes(server::AsyncRoutes& api, store::Queue& queue) {
  api.add(http::verb::post, "/api/attempts", auth::Right::kPractise,
          [&queue](const server::ApiRequest& request, server::Reply reply) {
            post(queue, request, std::move(reply));
          });
  api.add(http::verb::get, "/api/attempts", auth::Right::kPractise,
          [&queue](const server::ApiRequest& request, server::Reply reply) {
            list(queue, request, std::move(reply));
          });
}

}  // namespace storysign::app
