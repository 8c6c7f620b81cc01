#pragma once

#include "adapt/quality.hpp"
#include "base/result.hpp"
#include "session/conversation.hpp"
#include "session/handover.hpp"
#include "store/store.hpp"
#include "wire/timestamp.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace storysign::session {

/// What outlives a session, and where it goes; the same for all sessions of a server.
struct Keeping {
  store::Queue* queue = nullptr;      ///< Outlives the sessions; null: nothing is kept.
  std::string node = {};              ///< Name of this server among those of one store.
  std::string (*new_id)() = nullptr;  ///< Makes uuids; null: sessions have no id.
};

/// One session as the store knows it. Every call hands something to the store's thread and returns
/// at once; what the store refuses because it has too much to do is counted there and not kept.
/// Owned by the session, on its strand.
class SessionRecord {
 public:
  /// Begins one, for `client`. `waker` is told when resume() has an answer.
  SessionRecord(const Keeping& keeping, const Client& client, std::shared_ptr<Waker> waker,
                wire::WallTime now);

  /// A uuid; empty if nothing is kept.
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

  /// The quality profile is another one now, and why.
  void note_quality(const adapt::Quality& quality, wire::WallTime now);
  /// An attempt of this session; its session_id is filled in. False if the store has too much to do
  /// to take it. True without a store: nothing is kept then, as the settings have it.
  [[nodiscard]] bool note_attempt(store::Attempt attempt);
  /// `state` is a JSON object: what another server needs to go on. False if the store has too much
  /// to do to take it. If an earlier session is found meanwhile to go on with, that one's stays.
  [[nodiscard]] bool save(std::string state, wire::WallTime now);
  /// Only the first call counts.
  void end(std::uint16_t code, wire::WallTime now);

  /// Asks to go on with an earlier session of the same account; the answer comes through
  /// take_resumed(), after a wake(). Fails at once with a sentence for the client if that cannot
  /// even be asked.
  [[nodiscard]] base::Result<void> resume(const std::string& session_id, wire::WallTime now);
  /// The answer, once; from then on this is that session, with its id.
  [[nodiscard]] std::optional<base::Result<store::Resumed>> take_resumed();

 private:
  /// Which session the rows belong to; read and changed on the store's thread only, in the order of
  /// what it is given.
  struct Place {
    std::string id;
    std::int64_t epoch = 0;
  };
  using Answers = Handover<base::Result<store::Resumed>>;

  // Given.
  const Keeping& keeping_;
  std::optional<std::string> account_id_;
  // Owned; shared with what is given to the store.
  std::shared_ptr<Place> place_;
  std::shared_ptr<Answers> answers_;
  // State.
  std::string id_;
  std::int64_t changes_ = 0;
  bool is_resuming_ = false;
  bool has_ended_ = false;
};

}  // namespace storysign::session
