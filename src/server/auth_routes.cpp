#include "server/auth_routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace storysign::server {
namespace {

namespace http = boost::beast::http;
using Json = nlohmann::json;

constexpr std::size_t kLongestDisplayName = 200;

ApiResponse ok(Json body, int status = 200) {
  return {.status = status, .body = std::move(body), .headers = {}};
}

ApiResponse nothing() {
  return {.status = 204, .body = nullptr, .headers = {}};
}

ApiResponse refusal(const auth::Failure& failure) {
  constexpr std::array<int, 7> kStatus = {400, 401, 403, 404, 429, 503, 500};
  ApiResponse out =
      api_error(kStatus.at(static_cast<std::size_t>(failure.fault)), failure.sentence);
  if (failure.retry_after.count() > 0) {
    out.headers.emplace_back("Retry-After", std::to_string(failure.retry_after.count()));
  }
  return out;
}

Json describe(const auth::Identity& who) {
  return {{"name", who.name}, {"role", store::role_name(who.role)}};
}

Json describe(const store::Account& account) {
  const auto created =
      std::chrono::duration_cast<std::chrono::seconds>(account.created.time_since_epoch());
  return {{"name", account.name},
          {"display_name", account.display_name},
          {"role", store::role_name(account.role)},
          {"disabled", account.disabled},
          {"created", created.count()}};
}

/// A field that must be there and must be text.
std::optional<std::string> text(const Json& body, const char* key) {
  const auto found = body.find(key);
  return found != body.end() && found->is_string()
             ? std::optional<std::string>(found->get<std::string>())
             : std::nullopt;
}

/// Turns an outcome into an answer; a Reply can be moved only, a callback must be copyable.
template <class T, class Make>
std::function<void(auth::Outcome<T>)> answer(Reply reply, Make make) {
  auto held = std::make_shared<Reply>(std::move(reply));
  return [held, make = std::move(make)](const auth::Outcome<T>& outcome) {
    (*held)(outcome ? make(*outcome) : refusal(outcome.error()));
  };
}

auth::Actor actor(const ApiRequest& request) {
  return {.who = request.who, .address = request.credentials.address};
}

/// Refuses a body with other fields; true if it did.
bool has_others(const ApiRequest& request, Reply& reply,
                std::initializer_list<std::string_view> known) {
  if (const auto sentence = unknown_field(request.body, known)) {
    reply.error(400, *sentence);
    return true;
  }
  return false;
}

/// Counts and logs what was refused at the door.
void note_refusal(const AuthParts& parts, const auth::Failure& failure,
                  const std::string& address) {
  if (failure.fault == auth::Fault::kWrong) {
    parts.metrics.add(telemetry::AuthFailure::kLogin);
    parts.log.info("Somebody could not sign in.", {{"address", address}});
  } else if (failure.fault == auth::Fault::kTooMany) {
    parts.metrics.add(telemetry::AuthFailure::kRateLimited);
  }
}

void sign_in(const AuthParts& parts, const ApiRequest& request, Reply reply) {
  if (has_others(request, reply, {"name", "password"})) return;
  const auto name = text(request.body, "name");
  const auto password = text(request.body, "password");
  if (!name || !password) {
    reply.error(400, "Send {\"name\": text, \"password\": text}.");
    return;
  }
  const auto held = std::make_shared<Reply>(std::move(reply));
  parts.authenticator.sign_in(
      *name, *password, request.credentials.address, parts.clock.now(),
      [held, parts,
       credentials = request.credentials](const auth::Outcome<auth::SignedIn>& outcome) {
        if (!outcome) {
          note_refusal(parts, outcome.error(), credentials.address);
          (*held)(refusal(outcome.error()));
          return;
        }
        parts.log.info("Somebody signed in.",
                       {{"account", outcome->who.name}, {"address", credentials.address}});
        ApiResponse out = ok({{"account", describe(outcome->who)}});
        out.headers.emplace_back(
            "Set-Cookie", session_cookie(outcome->token, outcome->lifetime, credentials.is_tls));
        (*held)(std::move(out));
      });
}

void change_own_password(const AuthParts& parts, const ApiRequest& request, Reply reply) {
  if (has_others(request, reply, {"old", "new"})) return;
  const auto before = text(request.body, "old");
  const auto after = text(request.body, "new");
  if (!before || !after) {
    reply.error(400, "Send {\"old\": text, \"new\": text}.");
    return;
  }
  const auto held = std::make_shared<Reply>(std::move(reply));
  parts.authenticator.change_password(
      actor(request), session_token(request.credentials.cookies), *before, *after,
      parts.clock.now(),
      [held, parts, address = request.credentials.address](const auth::Outcome<bool>& outcome) {
        if (!outcome) {
          note_refusal(parts, outcome.error(), address);
          // 401 would say that nobody is signed in.
          ApiResponse out = refusal(outcome.error());
          if (outcome.error().fault == auth::Fault::kWrong) out.status = 403;
          (*held)(std::move(out));
          return;
        }
        (*held)(nothing());
      });
}

void sign_out(const AuthParts& parts, const ApiRequest& request, Reply reply) {
  const bool is_tls = request.credentials.is_tls;
  parts.authenticator.sign_out(
      session_token(request.credentials.cookies), actor(request), parts.clock.now(),
      answer<bool>(std::move(reply), [is_tls](bool /*done*/) {
        ApiResponse out = nothing();
        out.headers.emplace_back("Set-Cookie", session_cookie("", {}, is_tls));
        return out;
      }));
}

void give_ticket(const AuthParts& parts, const ApiRequest& request, Reply reply) {
  const auto token = parts.authenticator.tickets().issue(*request.who, parts.clock.steady());
  if (!token) {
    reply(refusal({.fault = auth::Fault::kTooMany,
                   .sentence = "Too many tokens were given to this account; wait a minute.",
                   .retry_after = auth::Tickets::kLifetime}));
    return;
  }
  reply(ok({{"token", *token}, {"expires_in_seconds", auth::Tickets::kLifetime.count()}}));
}

/// Of a terminal, where operators list accounts.
bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

struct Wish {
  auth::AccountChange change;
  std::optional<std::string> password;
  std::string problem;
};

/// Reads what is to be set of an account.
Wish read_wish(const Json& body) {
  Wish out;
  if (body.contains("role")) {
    const auto name = text(body, "role");
    out.change.role = name ? store::parse_role(*name) : std::nullopt;
    if (!out.change.role) out.problem = "The role must be learner, teacher or admin.";
  }
  if (body.contains("disabled")) {
    if (body["disabled"].is_boolean()) {
      out.change.disabled = body["disabled"].get<bool>();
    } else {
      out.problem = "The field \"disabled\" must be true or false.";
    }
  }
  if (body.contains("display_name")) {
    out.change.display_name = text(body, "display_name");
    if (!out.change.display_name || out.change.display_name->size() > kLongestDisplayName ||
        std::ranges::any_of(*out.change.display_name, &is_control)) {
      out.problem = fmt::format(
          "The field \"display_name\" must be text of at most {} bytes, without control "
          "characters.",
          kLongestDisplayName);
    }
  }
  if (body.contains("password")) {
    out.password = text(body, "password");
    if (!out.password) out.problem = "The field \"password\" must be text.";
  }
  return out;
}

ApiResponse with_account(const store::Account& account, int status) {
  return ok({{"account", describe(account)}}, status);
}

void add_account(const AuthParts& parts, const ApiRequest& request, Reply reply) {
  if (has_others(request, reply, {"name", "password", "role", "display_name"})) return;
  const Wish wish = read_wish(request.body);
  if (!wish.problem.empty()) {
    reply.error(400, wish.problem);
    return;
  }
  const auto name = auth::account_name(text(request.body, "name").value_or(""));
  if (!name || !wish.password) {
    reply.error(400,
                "Send {\"name\": text, \"password\": text} and, if you like, \"role\" and "
                "\"display_name\"; a name has 1 to 64 letters, digits and . _ - @, begins with a "
                "letter or digit and is not guest.");
    return;
  }
  parts.authenticator.add(
      actor(request),
      {.id = "",
       .name = *name,
       .display_name = wish.change.display_name.value_or(""),
       .role = wish.change.role.value_or(auth::Role::kLearner),
       .password_hash = ""},
      *wish.password, parts.clock.now(),
      answer<store::Account>(std::move(reply), [](const store::Account& account) {
        return with_account(account, 201);
      }));
}

void change_account(const AuthParts& parts, const ApiRequest& request, Reply reply) {
  if (has_others(request, reply, {"password", "role", "display_name", "disabled"})) return;
  const Wish wish = read_wish(request.body);
  if (!wish.problem.empty() || request.body.empty()) {
    reply.error(400, wish.problem.empty() ? "Say what to change: password, role, display_name or "
                                            "disabled."
                                          : wish.problem);
    return;
  }
  parts.authenticator.change(
      actor(request), auth::account_name(request.name).value_or(request.name), wish.change,
      wish.password, parts.clock.now(),
      answer<store::Account>(std::move(reply), [](const store::Account& account) {
        return with_account(account, 200);
      }));
}

}  // namespace

void add_account_routes(AsyncRoutes& api, const AuthParts& parts) {
  const auto add = [&](http::verb method, const char* path, std::optional<auth::Right> right,
                       void (*handler)(const AuthParts&, const ApiRequest&, Reply)) {
    api.add(method, path, right, [parts, handler](const ApiRequest& request, Reply reply) {
      handler(parts, request, std::move(reply));
    });
  };
  using auth::Right;
  api.add(
      http::verb::get, "/api/auth/me", std::nullopt, [](const ApiRequest& request, Reply reply) {
        reply(
            ok({{"mode", "accounts"}, {"account", request.who ? describe(*request.who) : Json()}}));
      });
  add(http::verb::post, "/api/auth/login", std::nullopt, &sign_in);
  add(http::verb::post, "/api/auth/logout", std::nullopt, &sign_out);
  add(http::verb::post, "/api/auth/password", Right::kOwnPassword, &change_own_password);
  add(http::verb::post, "/api/auth/ws-token", Right::kPractise, &give_ticket);
  add(http::verb::get, "/api/accounts", Right::kManageLearners,
      [](const AuthParts& given, const ApiRequest& request, Reply reply) {
        given.authenticator.list(
            actor(request), answer<std::vector<store::Account>>(
                                std::move(reply), [](const std::vector<store::Account>& accounts) {
                                  Json rows = Json::array();
                                  for (const store::Account& account : accounts) {
                                    rows.push_back(describe(account));
                                  }
                                  return ok({{"accounts", std::move(rows)}});
                                }));
      });
  add(http::verb::post, "/api/accounts", Right::kManageLearners, &add_account);
  add(http::verb::patch, "/api/accounts/{name}", Right::kManageLearners, &change_account);
  add(http::verb::delete_, "/api/accounts/{name}", Right::kManageLearners,
      [](const AuthParts& given, const ApiRequest& request, Reply reply) {
        given.authenticator.remove(
            actor(request), auth::account_name(request.name).value_or(request.name),
            given.clock.now(),
            answer<bool>(std::move(reply), [](bool /*done*/) { return nothing(); }));
      });
}

void add_open_routes(AsyncRoutes& api) {
  api.add(http::verb::get, "/api/auth/me", std::nullopt,
          [](const ApiRequest& request, Reply reply) {
            reply(ok({{"mode", "open"}, {"account", describe(*request.who)}}));
          });
  const auto refuse = [](const ApiRequest& /*request*/, Reply reply) {
    reply.error(409, "This server has no accounts (auth.mode is open); nobody signs in here.");
  };
  for (const char* const path :
       {"/api/auth/login", "/api/auth/logout", "/api/auth/password", "/api/auth/ws-token"}) {
    api.add(http::verb::post, path, std::nullopt, refuse);
  }
  for (const http::verb method : {http::verb::get, http::verb::post}) {
    api.add(method, "/api/accounts", auth::Right::kManageLearners, refuse);
  }
  for (const http::verb method : {http::verb::patch, http::verb::delete_}) {
    api.add(method, "/api/accounts/{name}", auth::Right::kManageLearners, refuse);
  }
}

}  // namespace storysign::server
