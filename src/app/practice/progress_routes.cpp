#include "app/practice/practice_routes.hpp"
#include "app/store/store_routes.hpp"
#include "auth/roles.hpp"
#include "practice/progress.hpp"
#include "wire/timestamp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace storysign::app {
namespace {

namespace http = boost::beast::http;
using nlohmann::json;

constexpr int kOk = static_cast<int>(http::status::ok);
// The newest ones that progress is computed from: half a year of fifty a day.
constexpr int kMostAttempts = 10000;
// The same for each learner of a class, of which there are many.
constexpr int kMostAttemptsInClass = 2000;
constexpr std::size_t kMostLearners = 500;
constexpr std::size_t kHardest = 5;

json item_json(const practice::Item& item) {
  return {{"kind", practice::item_kind_name(item.kind)}, {"target", item.target}};
}

json days_json(const std::vector<practice::Day>& days) {
  json out = json::array();
  for (const practice::Day& day : days) {
    out.push_back({{"date", fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.date.year()),
                                        static_cast<unsigned>(day.date.month()),
                                        static_cast<unsigned>(day.date.day()))},
                   {"attempts", day.attempts},
                   {"accepted", day.accepted}});
  }
  return out;
}

base::Result<std::vector<practice::Try>> tries_of(store::Store& store, const std::string& id,
                                                  int limit) {
  const auto attempts = store.attempts_of(id, limit);
  if (!attempts) return tl::unexpected(attempts.error());
  std::vector<practice::Try> out;
  for (const store::Attempt& attempt : *attempts) {
    if (auto one = try_of(attempt)) out.push_back(std::move(*one));
  }
  return out;
}

json progress_json(const practice::Progress& progress) {
  json items = json::array();
  for (const practice::ItemProgress& item : progress.items) {
    json row = item_json(item.item);
    row["attempts"] = item.attempts;
    row["accepted"] = item.accepted;
    row["strength"] = item.strength;
    row["last"] = wire::timestamp(item.last);
    row["due"] = wire::timestamp(item.due);
    items.push_back(std::move(row));
  }
  json next = json::array();
  for (const practice::Suggestion& one : progress.next) {
    json row = item_json(one.item);
    row["why"] = one.why;
    next.push_back(std::move(row));
  }
  return {
      {"items", std::move(items)}, {"days", days_json(progress.days)}, {"next", std::move(next)}};
}

void show(store::Queue& queue, const server::ApiRequest& request, server::Reply given) {
  const auto reply = std::make_shared<server::Reply>(std::move(given));
  const bool taken = queue.ask([id = request.who->id, reply](store::Store& store) {
    const auto tries = tries_of(store, id, kMostAttempts);
    if (!tries) {
      (*reply)(store_error(tries.error()));
      return;
    }
    const auto progress = practice::progress_of(*tries, std::chrono::system_clock::now());
    (*reply)({.status = kOk, .body = progress_json(progress), .headers = {}});
  });
  if (!taken) (*reply)(store_busy());
}

json learner_json(const store::Account& account, const std::vector<practice::Try>& tries) {
  const auto progress = practice::progress_of(tries, std::chrono::system_clock::now());
  json hardest = json::array();
  for (const practice::ItemProgress& item : practice::hardest_of(progress, kHardest)) {
    json row = item_json(item.item);
    row["attempts"] = item.attempts;
    row["accepted"] = item.accepted;
    hardest.push_back(std::move(row));
  }
  const auto accepted = std::count_if(tries.begin(), tries.end(),
                                      [](const practice::Try& one) { return one.accepted; });
  const auto last = std::max_element(
      tries.begin(), tries.end(),
      [](const practice::Try& a, const practice::Try& b) { return a.time < b.time; });
  return {{"name", account.display_name.empty() ? account.name : account.display_name},
          {"attempts", tries.size()},
          {"accepted", accepted},
          {"last", last == tries.end() ? json() : json(wire::timestamp(last->time))},
          {"days", days_json(progress.days)},
          {"hardest", std::move(hardest)}};
}

/// Looks at a class, one learner at each turn on the store's thread, so that what others write
/// meanwhile waits for one learner and not for the class.
class ClassReport : public std::enable_shared_from_this<ClassReport> {
 public:
  ClassReport(store::Queue& queue, server::Reply reply) : queue_(queue), reply_(std::move(reply)) {}

  void begin() {
    turn([](ClassReport& report, store::Store& store) -> base::Result<void> {
      auto accounts = store.accounts();
      if (!accounts) return tl::unexpected(accounts.error());
      for (store::Account& account : *accounts) {
        const bool is_learner = account.role == store::Role::kLearner && !account.disabled;
        if (is_learner && report.learners_.size() < kMostLearners) {
          report.learners_.push_back(std::move(account));
        }
      }
      return {};
    });
  }

 private:
  using Work = base::Result<void> (*)(ClassReport&, store::Store&);

  void turn(Work work) {
    const bool taken = queue_.ask([self = shared_from_this(), work](store::Store& store) {
      if (const auto done = work(*self, store); !done) {
        self->reply_(store_error(done.error()));
      } else if (self->next_ == self->learners_.size()) {
        self->reply_(
            {.status = kOk, .body = {{"learners", std::move(self->rows_)}}, .headers = {}});
      } else {
        self->turn(&ClassReport::add_next);
      }
    });
    if (!taken) reply_(store_busy());
  }

  static base::Result<void> add_next(ClassReport& report, store::Store& store) {
    const store::Account& account = report.learners_[report.next_++];
    const auto tries = tries_of(store, account.id, kMostAttemptsInClass);
    if (!tries) return tl::unexpected(tries.error());
    // The guest is a learner only where nobody signs in.
    if (account.id != auth::kGuestId || !tries->empty()) {
      report.rows_.push_back(learner_json(account, *tries));
    }
    return {};
  }

  // Given.
  store::Queue& queue_;
  server::Reply reply_;
  // State; of the store's thread.
  std::vector<store::Account> learners_;
  std::size_t next_ = 0;
  json rows_ = json::array();
};

}  // namespace

std::optional<practice::Try> try_of(const store::Attempt& attempt) {
  practice::Try out;
  out.time = attempt.time;
  out.accepted = attempt.accepted;
  if (attempt.kind == "sign") {
    out.item = {.kind = practice::ItemKind::kSign, .target = practice::gloss_of(attempt.target)};
  } else if (attempt.kind == "letters" || attempt.kind == "letter") {
    out.item = {.kind = practice::ItemKind::kLetters,
                .target = practice::letters_of(attempt.target)};
  }
  if (out.item.target.empty()) return std::nullopt;
  return out;
}

void add_progress_routes(server::AsyncRoutes& api, store::Queue& queue) {
  api.add(http::verb::get, "/api/progress", auth::Right::kPractise,
          [&queue](const server::ApiRequest& request, server::Reply reply) {
            show(queue, request, std::move(reply));
          });
  api.add(http::verb::get, "/api/class", auth::Right::kTeach,
          [&queue](const server::ApiRequest& /*request*/, server::Reply reply) {
            std::make_shared<ClassReport>(queue, std::move(reply))->begin();
          });
}

}  // namespace storysign::app
