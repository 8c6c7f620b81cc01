#include "app/store/store_routes.hpp"
#include "auth/accounts.hpp"
#include "auth/roles.hpp"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace storysign::app {
namespace {

namespace http = boost::beast::http;
using nlohmann::json;

constexpr int kForbidden = static_cast<int>(http::status::forbidden);
constexpr int kOk = static_cast<int>(http::status::ok);

base::Result<store::Account> account_named(store::Store& store, const std::string& name) {
  const auto found = store.find_account_by_name(name);
  if (!found) return tl::unexpected(found.error());
  if (!*found) {
    return base::fail(base::ErrorCode::kNotFound, fmt::format("There is no account {}.", name));
  }
  return **found;
}

base::Result<server::ApiResponse> give_data(store::Store& store, const std::string& name,
                                            const auth::Actor& actor) {
  const auto account = account_named(store, name);
  if (!account) return tl::unexpected(account.error());
  const auto noted =
      auth::audit(store, actor, "data_exported", name, std::chrono::system_clock::now());
  if (!noted) return tl::unexpected(noted.error());
  const auto text = store.export_account(account->id);
  if (!text) return tl::unexpected(text.error());
  return server::ApiResponse{
      .status = kOk,
      .body = json::parse(*text, nullptr, false),
      .headers = {{"Content-Disposition", "attachment; filename=\"storysign-export.json\""}}};
}

base::Result<server::ApiResponse> delete_data(store::Store& store, const std::string& name,
                                              const std::string& actor,
                                              const std::string& address) {
  const auto deleted = store.atomically([&]() -> base::Result<void> {
    const auto account = account_named(store, name);
    if (!account) return tl::unexpected(account.error());
    return store.delete_account_data(account->id).and_then([&] {
      return store.add_audit_line({.time = std::chrono::system_clock::now(),
                                   .actor = actor,
                                   .action = "data_deleted",
                                   .subject = name,
                                   .address = actor == name ? std::string() : address,
                                   .detail = {}});
    });
  });
  if (!deleted) return tl::unexpected(deleted.error());
  // The rows are gone whatever becomes of this; a reader beside us can keep their bytes in the log.
  const bool is_compact = store.compact().has_value();
  return server::ApiResponse{
      .status = kOk, .body = {{"ok", true}, {"compacted", is_compact}}, .headers = {}};
}

using Work = std::function<base::Result<server::ApiResponse>(store::Store&)>;

/// Asks the store, if `request` may handle the data of the account in its path.
void ask(store::Queue& queue, const server::ApiRequest& request, server::Reply given, Work work) {
  if (!auth::may_handle_data(*request.who, request.name)) {
    given.error(kForbidden,
                fmt::format("{} may handle only its own data; ask an admin.", request.who->name));
    return;
  }
  const auto reply = std::make_shared<server::Reply>(std::move(given));
  const bool taken = queue.ask([work = std::move(work), reply](store::Store& store) {
    auto answer = work(store);
    (*reply)(answer ? std::move(*answer) : store_error(answer.error()));
  });
  if (!taken) (*reply)(store_busy());
}

}  // namespace

void add_learner_routes(server::AsyncRoutes& api, store::Queue& queue) {
  api.add(http::verb::get, "/api/learners/{name}/export", auth::Right::kOwnData,
          [&queue](const server::ApiRequest& request, server::Reply reply) {
            ask(queue, request, std::move(reply),
                [name = request.name,
                 actor = auth::Actor{.who = request.who, .address = request.credentials.address}](
                    store::Store& store) { return give_data(store, name, actor); });
          });
  api.add(
      http::verb::delete_, "/api/learners/{name}/data", auth::Right::kOwnData,
      [&queue](const server::ApiRequest& request, server::Reply reply) {
        ask(queue, request, std::move(reply),
            [name = request.name, actor = request.who->name, address = request.credentials.address](
                store::Store& store) { return delete_data(store, name, actor, address); });
      });
}

}  // namespace storysign::app
