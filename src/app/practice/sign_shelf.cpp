#include "app/practice/sign_shelf.hpp"

#include "auth/roles.hpp"
#include "base/mutex.hpp"
#include "practice/glossing.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace storysign::app {
namespace {

using base::ErrorCode;
using nlohmann::json;

base::Result<practice::SignReference> read_sign(const store::Document& document) {
  const json text = json::parse(document.json, nullptr, false);
  if (text.is_discarded()) return base::fail(ErrorCode::kInvalidInput, "It is no JSON.");
  auto sign = practice::sign_from_json(text);
  if (sign && sign->gloss() != document.id) {
    return base::fail(ErrorCode::kInvalidInput, "Its gloss is not the one it is kept under.");
  }
  return sign;
}

}  // namespace

/// The signs and rows, always of one time. They are replaced on the store's thread only.
class SignShelf::Shelf {
 public:
  Shelf(telemetry::Log& log, practice::SignLibrary built_in)
      : log_(log),
        built_in_(std::move(built_in)),
        signs_(std::make_shared<const practice::SignLibrary>(built_in_)),
        rows_(std::make_shared<const Rows>()) {}

  [[nodiscard]] std::shared_ptr<const practice::SignLibrary> signs() const {
    const base::MutexLock lock(mutex_);
    return signs_;
  }
  [[nodiscard]] std::shared_ptr<const Rows> rows() const {
    const base::MutexLock lock(mutex_);
    return rows_;
  }

  void add(const practice::SignReference& sign, const Row& row) {
    practice::SignLibrary fresh = *signs();
    fresh.add(sign);
    Rows all = *rows();
    all.insert_or_assign(sign.gloss(), row);
    publish(std::move(fresh), std::move(all));
  }

  void remove(const std::string& gloss) {
    practice::SignLibrary fresh = built_in_;
    const auto before = signs();
    Rows all = *rows();
    all.erase(gloss);
    for (const auto& [name, row] : all) fresh.add(*before->find(name));
    publish(std::move(fresh), std::move(all));
  }

  /// Takes what has changed in the store; reads only that.
  void look(store::Store& store) {
    const auto listed = store.document_list(kKind);
    if (!listed) {
      log_.warning("The recorded signs could not be read from the store.",
                   {{"reason", listed.error().message}});
      return;
    }
    const auto known = rows();
    const auto before = signs();
    practice::SignLibrary fresh = built_in_;
    Rows all;
    for (const store::Document& document : *listed) {
      const auto row = known->find(document.id);
      const bool is_known = row != known->end();
      if (is_known && row->second.updated == document.updated) {
        fresh.add(*before->find(document.id));
        all.insert(*row);
      } else if (auto sign = read(store, document)) {
        fresh.add(std::move(*sign));
        all.insert_or_assign(document.id,
                             Row{.account_id = document.account_id, .updated = document.updated});
      }
    }
    publish(std::move(fresh), std::move(all));
  }

 private:
  std::optional<practice::SignReference> read(store::Store& store,
                                              const store::Document& document) {
    const auto broken = broken_.find(document.id);
    if (broken != broken_.end() && broken->second == document.updated) return std::nullopt;
    const auto whole = store.find_document(kKind, document.id);
    if (!whole || !*whole) return std::nullopt;  // Deleted just now, or the store fails: next time.
    auto sign = read_sign(**whole);
    if (!sign) {
      broken_[document.id] = document.updated;
      log_.warning("A recorded sign in the store cannot be used.",
                   {{"gloss", document.id}, {"reason", sign.error().message}});
      return std::nullopt;
    }
    return std::move(*sign);
  }

  void publish(practice::SignLibrary signs, Rows rows) {
    auto fresh_signs = std::make_shared<const practice::SignLibrary>(std::move(signs));
    auto fresh_rows = std::make_shared<const Rows>(std::move(rows));
    const base::MutexLock lock(mutex_);
    signs_.swap(fresh_signs);
    rows_.swap(fresh_rows);
  }

  // Given.
  telemetry::Log& log_;
  practice::SignLibrary built_in_;
  // State.
  std::map<std::string, store::Time> broken_;  ///< Told once each; of the store's thread.
  mutable base::Mutex mutex_;
  std::shared_ptr<const practice::SignLibrary> signs_ STORYSIGN_GUARDED_BY(mutex_);
  std::shared_ptr<const Rows> rows_ STORYSIGN_GUARDED_BY(mutex_);
};

SignShelf::SignShelf(store::Queue& queue, telemetry::Log& log, practice::SignLibrary built_in,
                     base::SteadyTime now)
    : queue_(queue), shelf_(std::make_shared<Shelf>(log, std::move(built_in))), next_refresh_(now) {
  tick(now);
}

SignShelf::~SignShelf() = default;

std::shared_ptr<const practice::SignLibrary> SignShelf::snapshot() const {
  return shelf_->signs();
}

std::shared_ptr<const SignShelf::Rows> SignShelf::rows() const {
  return shelf_->rows();
}

void SignShelf::save(const practice::SignReference& sign, const std::string& account_id,
                     std::function<void(base::Result<void>)> done) {
  const std::string& gloss = sign.gloss();
  const auto known = rows();
  if (gloss.empty() || gloss.size() > kLongestGloss || gloss != practice::gloss_of(gloss)) {
    done(base::fail(
        ErrorCode::kInvalidInput,
        fmt::format("A gloss must be 1 to {} capitals A-Z, digits and hyphens.", kLongestGloss)));
    return;
  }
  if (known->size() >= kMostSigns && !known->contains(gloss)) {
    done(base::fail(ErrorCode::kInvalidInput,
                    fmt::format("There are {} signs already; delete one first.", kMostSigns)));
    return;
  }
  store::Document document{.kind = std::string(kKind),
                           .id = gloss,
                           .account_id = std::nullopt,
                           .json = to_json(sign).dump(),
                           .updated = std::chrono::time_point_cast<std::chrono::microseconds>(
                               std::chrono::system_clock::now())};
  // What the guest records belongs to the server: everybody is the guest, and whoever deletes
  // their own attempts shall not delete the signs of all.
  if (!account_id.empty() && account_id != auth::kGuestId) document.account_id = account_id;
  const Row row{.account_id = document.account_id, .updated = document.updated};
  const bool taken =
      queue_.write([document = std::move(document)](
                       store::Store& store) { return store.put_document(document); },
                   [shelf = shelf_, sign, row, done](const base::Result<void>& committed) {
                     if (committed) shelf->add(sign, row);
                     done(committed);
                   });
  if (!taken) {
    done(base::fail(ErrorCode::kUnavailable,
                    "The server has too much to write now; try again in a second."));
  }
}

void SignShelf::remove(const std::string& gloss,
                       const std::function<void(base::Result<void>)>& done) {
  const bool taken = queue_.write(
      [gloss](store::Store& store) -> base::Result<void> {
        const auto found = store.find_document(kKind, gloss);
        if (!found) return tl::unexpected(found.error());
        if (!*found) {
          return base::fail(ErrorCode::kNotFound,
                            fmt::format("No sign {} has been recorded here.", gloss));
        }
        return store.remove_document(kKind, gloss);
      },
      [shelf = shelf_, gloss, done](const base::Result<void>& committed) {
        if (committed) shelf->remove(gloss);
        done(committed);
      });
  if (!taken) {
    done(base::fail(ErrorCode::kUnavailable,
                    "The server has too much to write now; try again in a second."));
  }
}

void SignShelf::tick(base::SteadyTime now) {
  if (now < next_refresh_) return;
  next_refresh_ = now + kRefreshInterval;
  // A queue that is full is asked again when it is time.
  static_cast<void>(queue_.ask([shelf = shelf_](store::Store& store) { shelf->look(store); }));
}

}  // namespace storysign::app
