#include "session/recorder.hpp"

#include <algorithm>
#include <utility>

namespace storysign::session {

SignRecorder::SignRecorder(std::string gloss, const practice::GestureRules& rules)
    : gloss_(std::move(gloss)), gestures_(rules) {}

const SignRecorder::Example* SignRecorder::on_observation(const practice::Observation& seen,
                                                          std::string (*new_id)()) {
  change_ = gestures_.on_observation(seen);
  if (change_ != practice::GestureChange::kCompleted) return nullptr;
  Example example;
  example.id = new_id();
  example.recording = std::make_shared<const practice::Recording>(gestures_.recording());
  example.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      example.recording->back().time - example.recording->front().time);
  if (examples_.size() >= kMostExamples) {
    // Better forget one that is of no use than what was good.
    const auto bad = std::find_if(examples_.begin(), examples_.end(),
                                  [](const Example& one) { return !one.is_usable(); });
    examples_.erase(bad == examples_.end() ? examples_.begin() : bad);
  }
  examples_.push_back(std::move(example));
  return &examples_.back();
}

const SignRecorder::Example* SignRecorder::on_looked_at(const std::string& id,
                                                        std::vector<std::string> problems,
                                                        std::optional<double> likeness) {
  const auto found = std::find_if(examples_.begin(), examples_.end(),
                                  [&](const Example& one) { return one.id == id; });
  if (found == examples_.end()) return nullptr;
  found->is_looked_at = true;
  found->problems = std::move(problems);
  found->likeness = likeness;
  return &*found;
}

bool SignRecorder::drop(std::string_view id) {
  return std::erase_if(examples_, [&](const Example& one) { return one.id == id; }) > 0;
}

std::vector<std::shared_ptr<const practice::Recording>> SignRecorder::usable() const {
  std::vector<std::shared_ptr<const practice::Recording>> out;
  for (const Example& one : examples_) {
    if (one.is_usable()) out.push_back(one.recording);
  }
  return out;
}

nlohmann::json SignRecorder::describe(const Example& example) {
  return {{"example_id", example.id},
          {"duration_ms", example.duration.count()},
          {"frames", example.recording->size()},
          {"usable", example.is_usable()},
          {"problems", example.problems},
          {"likeness", example.likeness ? nlohmann::json(*example.likeness) : nlohmann::json()}};
}

nlohmann::json SignRecorder::describe() const {
  nlohmann::json examples = nlohmann::json::array();
  for (const Example& one : examples_) {
    if (one.is_looked_at) examples.push_back(describe(one));
  }
  return {{"gloss", gloss_}, {"examples", std::move(examples)}};
}

}  // namespace storysign::session
