#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "pipeline/pipeline.hpp"
#include "practice/exercise.hpp"
#include "session/analyst.hpp"
#include "session/conversation.hpp"
#include "session/record.hpp"
#include "session/recorder.hpp"
#include "telemetry/metrics.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::session {

/// What practice needs of the server; the parts outlive the sessions.
struct Practising {
  Analyst* analyst = nullptr;         ///< Null: there is no practice.
  Signs* signs = nullptr;             ///< Null as well then.
  std::string (*new_id)() = nullptr;  ///< Makes uuids; not null if there is practice.
  practice::GestureRules gestures = {};
  base::SteadyTime (*now)() noexcept = &base::steady_now;
};

/// A message to the client that answers nothing.
struct PracticeMessage {
  enum class Kind : std::uint8_t { kFeedback, kSignExample, kSessionComplete };
  Kind kind = Kind::kFeedback;
  nlohmann::json data;
  nlohmann::json metadata = nullptr;  ///< Of feedback.
};

/// One learner's practice, or a teacher's recording of a sign: what the control messages ask for,
/// what frames make of it, and what is said. Owned by the session, on its strand; the analyst works
/// beside it and is heard through collect().
class PracticeDesk {
 public:
  /// `record` outlives it and takes the attempts.
  PracticeDesk(const Practising& parts, telemetry::Metrics& metrics, const Client& client,
               SessionRecord& record, std::shared_ptr<Waker> waker);

  /// The answer to a control message.
  struct Reply {
    bool is_session = false;  ///< practice_session_response instead of control_response.
    std::string action;
    nlohmann::json result;
  };
  /// Whether it is for this.
  [[nodiscard]] static bool knows(std::string_view action);
  /// Does what is asked; no answer now if it needs the store: it comes out of collect().
  [[nodiscard]] std::optional<Reply> control(std::string_view action, const nlohmann::json& data);

  /// Takes what was found in a frame, taken at `time` of the client's clock.
  void on_frame(const pipeline::FrameResult& frame, std::chrono::microseconds time,
                wire::WallTime now);
  /// Takes what the analyst has found; answers that were waited for.
  [[nodiscard]] std::vector<Reply> collect(wire::WallTime now);
  /// What is to be said since the last call.
  [[nodiscard]] std::vector<PracticeMessage> take_messages();

  [[nodiscard]] bool is_active() const noexcept { return exercise_ || recorder_; }
  /// `practice_session` as it is (docs/practice-protocol.md).
  [[nodiscard]] nlohmann::json describe() const;
  /// The same, with what has happened since the last call: for each frame's answer.
  [[nodiscard]] nlohmann::json tell();
  /// The same for a client that is not told with each frame; null if it need not be told now.
  [[nodiscard]] nlohmann::json tell_news(base::SteadyTime now);
  /// `gesture_detection` of a frame's metadata.
  [[nodiscard]] nlohmann::json describe_gestures() const;

  /// What another server needs to go on; null without an exercise.
  [[nodiscard]] nlohmann::json state() const;
  /// Goes on from what state() was; what cannot be read is left out.
  void restore(const nlohmann::json& state);

 private:
  [[nodiscard]] nlohmann::json start(const nlohmann::json& data);
  [[nodiscard]] nlohmann::json next_sentence();
  [[nodiscard]] nlohmann::json try_again(const nlohmann::json& data);
  [[nodiscard]] nlohmann::json restart();
  [[nodiscard]] nlohmann::json complete();
  [[nodiscard]] nlohmann::json stop(std::string_view action);
  [[nodiscard]] nlohmann::json set_handedness(const nlohmann::json& data);
  [[nodiscard]] nlohmann::json record_sign(const nlohmann::json& data);
  [[nodiscard]] nlohmann::json drop_example(const nlohmann::json& data);
  [[nodiscard]] std::optional<nlohmann::json> save_sign(const nlohmann::json& data);
  [[nodiscard]] nlohmann::json with_session(nlohmann::json result) const;
  void judge(practice::Attempt attempt);
  void read_letter(const practice::Observation& seen, wire::WallTime now);
  void settle(const practice::Verdict& verdict, wire::WallTime now);
  void begin_anew();
  void note(practice::GestureChange change);
  [[nodiscard]] const practice::GestureDetector& gestures() const;
  [[nodiscard]] bool is_analyzing() const;
  void on_example(const Finding& finding);
  [[nodiscard]] Reply on_saved(const Finding& finding);

  // Given.
  const Practising& parts_;
  telemetry::Metrics& metrics_;
  SessionRecord& record_;
  std::string client_id_;
  std::string account_id_;
  bool may_teach_;
  // Owned; shared with the analyst's jobs.
  std::shared_ptr<FindingsDoor> door_;
  // State.
  std::optional<practice::Exercise> exercise_;
  std::optional<SignRecorder> recorder_;
  bool letter_asked_ = false;  ///< One letter is being read; the next frame's is not waited for.
  std::vector<PracticeMessage> messages_;
  struct News {
    bool started = false;
    bool completed = false;
    bool triggered = false;
    bool any = false;
  };
  News news_;
  std::string feedback_;  ///< The last one's sentence, until the next attempt.
  std::optional<base::SteadyTime> told_;
};

}  // namespace storysign::session
