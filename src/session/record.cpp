#include "session/record.hpp"

#include "base/uuid.hpp"

#include <utility>

namespace storysign::session {

SessionRecord::SessionRecord(const Keeping& keeping, const Client& client,
                             std::shared_ptr<Waker> waker, wire::WallTime now)
    : keeping_(keeping),
      waker_(std::move(waker)),
      place_(std::make_shared<Place>()),
      answer_(std::make_shared<Answer>()) {
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

void SessionRecord::save(std::string state, wire::WallTime now) {
  if (keeping_.queue == nullptr || has_ended_) return;
  static_cast<void>(keeping_.queue->write(
      [state = std::move(state), now, place = place_](store::Store& store) {
        return store.save_session(place->id, place->epoch, now, state);
      },
      {}));
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
  is_resuming_ =
      keeping_.queue->ask([request = store::ResumeRequest{.session_id = session_id,
                                                          .fresh_id = {},
                                                          .account_id = account_id_,
                                                          .node = keeping_.node,
                                                          .now = now},
                           place = place_, answer = answer_, waker = waker_](store::Store& store) {
        store::ResumeRequest with_fresh = request;
        with_fresh.fresh_id = place->id;
        auto resumed = store.resume_session(with_fresh);
        if (resumed) {
          place->id = resumed->session.id;
          place->epoch = resumed->session.epoch;
        }
        {
          const base::MutexLock lock(answer->mutex);
          answer->result = std::move(resumed);
        }
        waker->wake();
      });
  if (!is_resuming_) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "The server has too much to write at the moment; try again in a second.");
  }
  return {};
}

std::optional<base::Result<store::Resumed>> SessionRecord::take_resumed() {
  if (!is_resuming_) return std::nullopt;
  const base::MutexLock lock(answer_->mutex);
  auto result = std::exchange(answer_->result, std::nullopt);
  if (result) {
    is_resuming_ = false;
    if (*result) id_ = (*result)->session.id;
  }
  return result;
}

}  // namespace storysign::session
