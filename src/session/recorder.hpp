#pragma once

#include "practice/gesture.hpp"
#include "session/analyst.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::session {

/// A teacher's examples of one sign until they are saved. In memory only. On the session's strand.
class SignRecorder {
 public:
  static constexpr std::size_t kFewestExamples = 3;
  static constexpr std::size_t kMostExamples = 12;

  struct Example {
    std::string id;
    std::shared_ptr<const practice::Recording> recording;
    std::chrono::milliseconds duration{};
    bool is_looked_at = false;          ///< What follows is known.
    std::vector<std::string> problems;  ///< None: usable.
    std::optional<double> likeness;

    [[nodiscard]] bool is_usable() const noexcept { return is_looked_at && problems.empty(); }
  };

  SignRecorder(std::string gloss, const practice::GestureRules& rules);

  /// Takes a frame; a gesture that has ended becomes an example, which is returned to be looked at.
  [[nodiscard]] const Example* on_observation(const practice::Observation& seen,
                                              std::string (*new_id)());
  /// What the analyst says of an example; null if it is not there any more.
  const Example* on_looked_at(const std::string& id, std::vector<std::string> problems,
                              std::optional<double> likeness);
  /// False if there is no such example.
  bool drop(std::string_view id);

  [[nodiscard]] const std::string& gloss() const noexcept { return gloss_; }
  [[nodiscard]] const std::vector<Example>& examples() const noexcept { return examples_; }
  [[nodiscard]] std::vector<std::shared_ptr<const practice::Recording>> usable() const;
  [[nodiscard]] const practice::GestureDetector& gestures() const noexcept { return gestures_; }
  [[nodiscard]] practice::GestureChange last_change() const noexcept { return change_; }
  [[nodiscard]] bool is_saving() const noexcept { return is_saving_; }
  void set_saving(bool saving) noexcept { is_saving_ = saving; }

  [[nodiscard]] nlohmann::json describe() const;
  [[nodiscard]] static nlohmann::json describe(const Example& example);

 private:
  // Given.
  std::string gloss_;
  // State.
  practice::GestureDetector gestures_;
  practice::GestureChange change_ = practice::GestureChange::kNone;
  std::vector<Example> examples_;
  bool is_saving_ = false;
};

}  // namespace storysign::session
