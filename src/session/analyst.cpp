#include "session/analyst.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace storysign::session {
namespace {

practice::Recording copy_of(const std::shared_ptr<const practice::Recording>& recording) {
  return *recording;
}

Finding judged(const Analyst::JudgeJob& job) {
  return {.kind = Finding::Kind::kJudgement,
          .id = job.attempt_id,
          .judgement = practice::judge(job.recording, job.target, *job.library, job.handedness)};
}

Finding looked_at(const Analyst::ExampleJob& job) {
  Finding finding{.kind = Finding::Kind::kExample, .id = job.example_id};
  finding.problems = practice::problems(*job.recording);
  if (!finding.problems.empty()) return finding;
  for (const auto& other : job.before) {
    const double likeness = practice::likeness(*job.recording, *other);
    finding.likeness = std::max(finding.likeness.value_or(0.0), likeness);
  }
  return finding;
}

void save_sign(const std::shared_ptr<FindingsDoor>& door, const Analyst::SaveJob& job) {
  std::vector<practice::Recording> examples;
  std::transform(job.examples.begin(), job.examples.end(), std::back_inserter(examples), copy_of);
  const auto sign =
      practice::make_reference(job.gloss, examples, job.non_manual, *job.signs->snapshot());
  const auto done = [door, gloss = job.gloss](base::Result<void> result) {
    door->leave({.kind = Finding::Kind::kSaved, .id = gloss, .saved = std::move(result)});
  };
  if (!sign) {
    done(tl::unexpected(sign.error()));
    return;
  }
  job.signs->save(*sign, job.account_id, done);
}

}  // namespace

Analyst::Analyst(std::unique_ptr<practice::LetterReader> letters, telemetry::Metrics& metrics,
                 base::SteadyTime (*now)() noexcept)
    : metrics_(metrics),
      now_(now),
      letters_(std::move(letters)),
      thread_("analyst", kMostWaiting, [this](const Job& job) { run(job); }) {}

bool Analyst::judge(std::shared_ptr<FindingsDoor> door, JudgeJob job) {
  return thread_.submit(
      [door = std::move(door), job = std::move(job)] { door->leave(judged(job)); });
}

bool Analyst::read(std::shared_ptr<FindingsDoor> door, LetterJob job) {
  return thread_.submit(
      [this, door = std::move(door), job = std::move(job)] { door->leave(letter_of(job)); });
}

bool Analyst::look_at(std::shared_ptr<FindingsDoor> door, ExampleJob job) {
  return thread_.submit(
      [door = std::move(door), job = std::move(job)] { door->leave(looked_at(job)); });
}

bool Analyst::save(std::shared_ptr<FindingsDoor> door, SaveJob job) {
  return thread_.submit([door = std::move(door), job = std::move(job)] { save_sign(door, job); });
}

Finding Analyst::letter_of(const LetterJob& job) {
  Finding finding{.kind = Finding::Kind::kLetter,
                  .hand = job.hand,
                  .is_left = job.is_left,
                  .aspect = job.aspect,
                  .time = job.time};
  if (letters_ == nullptr) return finding;
  const auto reading = letters_->read(job.hand, job.aspect, job.is_left);
  if (reading) finding.letter = *reading;
  return finding;
}

void Analyst::run(const Job& job) {
  const base::SteadyTime begin = now_();
  job();
  metrics_.record(telemetry::Timing::kAnalysis,
                  std::chrono::duration_cast<std::chrono::microseconds>(now_() - begin));
}

}  // namespace storysign::session
