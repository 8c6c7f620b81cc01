#include "session/record.hpp"

#include "base/uuid.hpp"

#include <utility>
#include <vector>

namespace storysign::session {

SessionRecord::SessionRecord(const Keeping& keeping, const Client& client,
                             std::shared_ptr<Waker> waker, wire::WallTime now)
    : keeping_(keeping),
      place_(std::make_shared<Place>()),
      answers_(std::make_shared<Answers>(std::move(waker))) {
  if (!client.account_id.empty()) account_id_ = client.account_id;
  if (keeping_.new_id == nullptr) return;
  id_ = keeping_.new_id();
  place_->id = id_;
  if (keeping_.queue == nullptr) return;
  store::LearningSession row;
  row.id = id_;
  row.account_id = account_id_;
  row.node = keeping_.node;
  row.started = now;
  row.last_seen = now;
  static_cast<void>(keeping_.queue->write(
      [row = std::move(row)](store::Store& store) { return store.add_session(row); }, {}));
}

void SessionRecord::note_quality(const adapt::Quality& quality, wire::WallTime now) {
  if (keeping_.queue == nullptr) return;
  store::QualityChange row;
  row.number = changes_++;
  row.time = now;
  row.profile = adapt::profile_name(quality.profile);
  row.reason = adapt::reason_name(quality.reason);
  static_cast<void>(keeping_.queue->write(
      [row = std::move(row), place = place_](store::Store& store) {
        store::QualityChange placed = row;
        placed.session_id = place->id;
        placed.epoch = place->epoch;
        return store.add_quality_change(placed);
      },
      {}));
}

bool SessionRecord::note_attempt(store::Attempt attempt) {
  if (keeping_.queue == nullptr) return true;
  return keeping_.queue->write(
      [attempt = std::move(attempt), place = place_](store::Store& store) {
        store::Attempt placed = attempt;
        placed.session_id = place->id;
        return store.add_attempt(placed).map([](store::Added /*added*/) {});
      },
      {});
}

bool SessionRecord::save(std::string state, wire::WallTime now) {
  if (keeping_.queue == nullptr || has_ended_) return true;
  return keeping_.queue->write(
      [state = std::move(state), now, id = id_, place = place_](store::Store& store) {
        // The session has not heard yet that it is another one now: this is not that one's state.
        if (place->id != id) return base::Result<void>();
        return store.save_session(place->id, place->epoch, now, state);
      },
      {});
}

void SessionRecord::end(std::uint16_t code, wire::WallTime now) {
  if (keeping_.queue == nullptr || std::exchange(has_ended_, true)) return;
  static_cast<void>(keeping_.queue->write(
      [code, now, place = place_](store::Store& store) {
        return store.end_session(place->id, place->epoch, now, code);
      },
      {}));
}

base::Result<void> SessionRecord::resume(const std::string& session_id, wire::WallTime now) {
  if (keeping_.queue == nullptr) {
    return base::fail(base::ErrorCode::kUnsupported, "This server keeps no sessions.");
  }
  if (!base::is_uuid(session_id)) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "The session_id must be a uuid in lower case, as connection_established "
                      "gave it.");
  }
  if (is_resuming_) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "A session is being resumed already; wait for the answer.");
  }
  is_resuming_ = keeping_.queue->ask([request = store::ResumeRequest{.session_id = session_id,
                                                                     .fresh_id = {},
                                                                     .account_id = account_id_,
                                                                     .node = keeping_.node,
                                                                     .now = now},
                                      place = place_, answers = answers_](store::Store& store) {
    store::ResumeRequest with_fresh = request;
    with_fresh.fresh_id = place->id;
    auto resumed = store.resume_session(with_fresh);
    if (resumed) {
      place->id = resumed->session.id;
      place->epoch = resumed->session.epoch;
    }
    answers->leave(std::move(resumed));
  });
  if (!is_resuming_) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "The server has too much to write at the moment; try again in a second.");
  }
  return {};
}

std::optional<base::Result<store::Resumed>> SessionRecord::take_resumed() {
  if (!is_resuming_) return std::nullopt;
  std::vector<base::Result<store::Resumed>> come;
  answers_->take(come);
  if (come.empty()) return std::nullopt;
  is_resuming_ = false;
  if (come.front()) id_ = come.front()->session.id;
  return std::move(come.front());
}

}  // namespace storysign::session
