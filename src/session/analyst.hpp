#pragma once

#include "base/clock.hpp"
#include "base/job_thread.hpp"
#include "practice/letters.hpp"
#include "practice/sign.hpp"
#include "session/handover.hpp"
#include "session/signs.hpp"
#include "telemetry/metrics.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace storysign::session {

/// What the analyst has found out for one session.
struct Finding {
  enum class Kind : std::uint8_t { kJudgement, kLetter, kExample, kSaved };
  Kind kind = Kind::kJudgement;
  std::string id{};  ///< Of the attempt or the example; the gloss of what was saved.
  practice::Judgement judgement{};
  // A letter: what was read, or nothing if the network failed, and of what.
  std::optional<practice::LetterReading> letter{};
  vision::Hand hand{};
  bool is_left = false;
  float aspect = 1.0F;
  std::chrono::microseconds time{};
  // An example.
  std::vector<std::string> problems{};
  std::optional<double> likeness{};  ///< To the examples before, if there are usable ones.
  // What became of saving a sign.
  base::Result<void> saved{};
};

/// To the session whose attempt or example it was.
using FindingsDoor = Handover<Finding>;

/// Judges attempts, reads letters and makes signs on a thread of its own, so that neither an I/O
/// thread nor a frame waits for it. One for all sessions; owned by the service. Any thread.
class Analyst {
 public:
  /// More jobs than these are not taken: the sessions that come first are served.
  static constexpr std::size_t kMostWaiting = 256;

  /// `letters` may be null: then no letter is read. The others outlive this.
  Analyst(std::unique_ptr<practice::LetterReader> letters, telemetry::Metrics& metrics,
          base::SteadyTime (*now)() noexcept = &base::steady_now);
  Analyst(const Analyst&) = delete;
  Analyst& operator=(const Analyst&) = delete;
  Analyst(Analyst&&) = delete;
  Analyst& operator=(Analyst&&) = delete;
  /// What waits is dropped.
  ~Analyst() = default;

  [[nodiscard]] bool reads_letters() const noexcept { return letters_ != nullptr; }

  struct JudgeJob {
    std::string attempt_id;
    practice::Recording recording;
    std::string target;
    practice::Handedness handedness = practice::Handedness::kUnknown;
    std::shared_ptr<const practice::SignLibrary> library;
  };
  struct LetterJob {
    vision::Hand hand;
    bool is_left = false;
    float aspect = 1.0F;
    std::chrono::microseconds time{};
  };
  struct ExampleJob {
    std::string example_id;
    std::shared_ptr<const practice::Recording> recording;
    std::vector<std::shared_ptr<const practice::Recording>> before;  ///< Usable ones.
  };
  struct SaveJob {
    std::string gloss;
    std::vector<std::shared_ptr<const practice::Recording>> examples;
    practice::NonManual non_manual;
    std::string account_id;
    Signs* signs = nullptr;
  };

  /// Each gives one finding at `door`. False: too much waits, and nothing will come.
  [[nodiscard]] bool judge(std::shared_ptr<FindingsDoor> door, JudgeJob job);
  [[nodiscard]] bool read(std::shared_ptr<FindingsDoor> door, LetterJob job);
  [[nodiscard]] bool look_at(std::shared_ptr<FindingsDoor> door, ExampleJob job);
  [[nodiscard]] bool save(std::shared_ptr<FindingsDoor> door, SaveJob job);

 private:
  using Job = std::function<void()>;

  void run(const Job& job);
  [[nodiscard]] Finding letter_of(const LetterJob& job);

  // Given.
  telemetry::Metrics& metrics_;
  base::SteadyTime (*now_)() noexcept;
  // Owned.
  std::unique_ptr<practice::LetterReader> letters_;  ///< Of the thread.
  base::JobThread<Job> thread_;                      ///< The last: it uses everything above.
};

}  // namespace storysign::session
