#include "app/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace storysign::app {
namespace {

constexpr int kBarWidth = 30;
constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kPlainInterval{2};
constexpr std::int64_t kPlainShares = 10;

}  // namespace

std::string clock_text(std::chrono::seconds time) {
  const std::int64_t seconds = std::max<std::int64_t>(time.count(), 0);
  if (seconds >= 3600) {
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

Progress::Progress(std::int64_t total, std::string unit, std::FILE* out, bool terminal,
                   base::SteadyTime start)
    : total_(total),
      unit_(std::move(unit)),
      out_(out),
      terminal_(terminal),
      start_(start),
      shown_at_(start) {}

Progress::~Progress() {
  if (drawn_) {
    show("\r\x1b[K");
  }
}

void Progress::show(const std::string& text) {
  // Where nobody can read it any more, the work goes on.
  static_cast<void>(std::fputs(text.c_str(), out_));
  static_cast<void>(std::fflush(out_));
}

bool Progress::is_due(std::int64_t done, base::SteadyTime now) const {
  if (terminal_) {
    return !drawn_ || now - shown_at_ >= kRedraw;
  }
  return now - shown_at_ >= kPlainInterval &&
         (total_ <= 0 || (done - shown_) * kPlainShares >= total_);
}

void Progress::update(std::int64_t done, base::SteadyTime now) {
  if (!is_due(done, now)) {
    return;
  }
  shown_at_ = now;
  shown_ = done;
  if (terminal_) {
    drawn_ = true;
    show("\r\x1b[K" + line(done, now, kBarWidth));
  } else {
    show(line(done, now, 0) + "\n");
  }
}

std::string Progress::line(std::int64_t done, base::SteadyTime now, int width) const {
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double rate = elapsed > 0.0 ? static_cast<double>(done) / elapsed : 0.0;
  if (total_ <= 0) {
    return fmt::format("{} {}s, {:.1f} per second", done, unit_, rate);
  }
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  std::string text;
  if (width > 0) {
    const int filled = static_cast<int>(std::lround(share * width));
    text = fmt::format("[{:#<{}}{:.<{}}] ", "", filled, "", width - filled);
  }
  text += fmt::format("{:.0f} %, {} {} of {}, {:.1f} per second", share * 100.0, unit_, done,
                      total_, rate);
  if (rate > 0.0 && done < total_) {
    const auto left =
        std::chrono::seconds(std::llround(std::ceil(static_cast<double>(total_ - done) / rate)));
    text += fmt::format(", {} left", clock_text(left));
  }
  return text;
}

}  // namespace storysign::app
