#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace storysign::app {

/// Shows how far a run is: on a terminal one line that is redrawn, with a bar, frames per second
/// and the time left; elsewhere a plain line at most every 2 s or 10 %, whichever is later. Time is
/// handed in. One thread.
class Progress {
 public:
  /// `total` frames are expected (0: not known). `out` is usually stderr; `unit` is "frame" or
  /// "picture".
  Progress(std::int64_t total, std::string unit, std::FILE* out, bool terminal,
           base::SteadyTime start);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  Progress(Progress&&) = delete;
  Progress& operator=(Progress&&) = delete;
  /// Clears the line on a terminal.
  ~Progress();

  /// `done` frames are finished at `now`. Cheap when there is nothing to show yet.
  void update(std::int64_t done, base::SteadyTime now);

  /// What is shown for `done` frames at `now`, without line ending; `width` of the bar in
  /// characters, 0 for none.
  [[nodiscard]] std::string line(std::int64_t done, base::SteadyTime now, int width) const;

 private:
  void show(const std::string& text);
  [[nodiscard]] bool is_due(std::int64_t done, base::SteadyTime now) const;

  // Given.
  std::int64_t total_;
  std::string unit_;
  std::FILE* out_;
  bool terminal_;
  base::SteadyTime start_;
  // State.
  base::SteadyTime shown_at_;
  std::int64_t shown_ = 0;
  bool drawn_ = false;
};

/// "0:07", "12:30", "1:02:03".
[[nodiscard]] std::string clock_text(std::chrono::seconds time);

}  // namespace storysign::app
