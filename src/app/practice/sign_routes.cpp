#include "app/practice/practice_routes.hpp"
#include "app/store/store_routes.hpp"
#include "auth/roles.hpp"
#include "practice/glossing.hpp"
#include "wire/timestamp.hpp"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <utility>

namespace storysign::app {
namespace {

namespace http = boost::beast::http;
using nlohmann::json;

constexpr int kOk = static_cast<int>(http::status::ok);
constexpr int kNoContent = static_cast<int>(http::status::no_content);
constexpr int kNotFound = static_cast<int>(http::status::not_found);

json row_of(const practice::SignReference& sign, const SignShelf::Row* row, const json& by) {
  return {{"gloss", sign.gloss()},
          {"source", sign.source()},
          {"examples", sign.examples()},
          {"by", by},
          {"updated", row == nullptr ? json() : json(wire::timestamp(row->updated))},
          {"non_manual",
           {{"eyebrows", sign.non_manual().eyebrows},
            {"mouth", sign.non_manual().mouth},
            {"head", sign.non_manual().head}}},
          // By a Deaf signer; there is no way to say so yet, and the page must not seem to.
          {"validated", false}};
}

const SignShelf::Row* row_in(const SignShelf::Rows& rows, const std::string& gloss) {
  const auto found = rows.find(gloss);
  return found == rows.end() ? nullptr : &found->second;
}

/// Names of accounts, each looked up once.
class Names {
 public:
  explicit Names(store::Store& store) : store_(store) {}
  const json& of(const SignShelf::Row* row) {
    const std::optional<std::string> id = row == nullptr ? std::nullopt : row->account_id;
    const auto [found, is_new] = names_.try_emplace(id.value_or(std::string()));
    if (is_new) found->second = display_name(store_, id);
    return found->second;
  }

 private:
  store::Store& store_;
  std::map<std::string, json> names_;
};

server::ApiResponse no_sign(const std::string& name) {
  return server::api_error(kNotFound, fmt::format("There is no sign {}.", name));
}

void list(const SignShelf& shelf, store::Queue& queue, server::Reply given) {
  const auto reply = std::make_shared<server::Reply>(std::move(given));
  const bool taken =
      queue.ask([signs = shelf.snapshot(), rows = shelf.rows(), reply](store::Store& store) {
        Names names(store);
        json all = json::array();
        for (const auto& [gloss, sign] : signs->signs()) {
          const SignShelf::Row* const row = row_in(*rows, gloss);
          all.push_back(row_of(sign, row, names.of(row)));
        }
        (*reply)({.status = kOk, .body = {{"signs", std::move(all)}}, .headers = {}});
      });
  if (!taken) (*reply)(store_busy());
}

void show(const SignShelf& shelf, store::Queue& queue, const server::ApiRequest& request,
          server::Reply given) {
  const std::string gloss = practice::gloss_of(request.name);
  const auto signs = shelf.snapshot();
  const practice::SignReference* const found = signs->find(gloss);
  if (found == nullptr) {
    given(no_sign(request.name));
    return;
  }
  const auto reply = std::make_shared<server::Reply>(std::move(given));
  const bool taken = queue.ask([sign = *found, rows = shelf.rows(), reply](store::Store& store) {
    const SignShelf::Row* const row = row_in(*rows, sign.gloss());
    json body = row_of(sign, row, Names(store).of(row));
    body["drawing"] = practice::drawing(sign);
    (*reply)({.status = kOk, .body = std::move(body), .headers = {}});
  });
  if (!taken) (*reply)(store_busy());
}

void remove(SignShelf& shelf, const server::ApiRequest& request, server::Reply given) {
  const auto reply = std::make_shared<server::Reply>(std::move(given));
  shelf.remove(practice::gloss_of(request.name), [reply](const base::Result<void>& removed) {
    (*reply)(removed ? server::ApiResponse{.status = kNoContent, .body = nullptr, .headers = {}}
                     : store_error(removed.error()));
  });
}

}  // namespace

json display_name(store::Store& store, const std::optional<std::string>& account_id) {
  if (!account_id) return nullptr;
  const auto found = store.find_account(*account_id);
  if (!found || !*found) return nullptr;
  return (*found)->display_name.empty() ? (*found)->name : (*found)->display_name;
}

void add_sign_routes(server::AsyncRoutes& api, SignShelf& shelf, store::Queue& queue) {
  api.add(http::verb::get, "/api/signs", auth::Right::kPractise,
          [&shelf, &queue](const server::ApiRequest& /*request*/, server::Reply reply) {
            list(shelf, queue, std::move(reply));
          });
  api.add(http::verb::get, "/api/signs/{name}", auth::Right::kPractise,
          [&shelf, &queue](const server::ApiRequest& request, server::Reply reply) {
            show(shelf, queue, request, std::move(reply));
          });
  api.add(http::verb::delete_, "/api/signs/{name}", auth::Right::kTeach,
          [&shelf](const server::ApiRequest& request, server::Reply reply) {
            remove(shelf, request, std::move(reply));
          });
}

}  // namespace storysign::app
