#include "telemetry/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace storysign::telemetry {
namespace {

constexpr std::array<std::string_view, FrameTrace::kStages> kStageNames = {
    "queue", "decode", "vision", "render", "encode", "outbox"};

std::int64_t microseconds_of(base::SteadyTime time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

void append(const FrameTrace& frame, std::string& out) {
  std::int64_t at = microseconds_of(frame.received);
  std::int64_t whole = 0;
  for (const auto stage : frame.stages) whole += stage.count();
  const auto event = [&](std::string_view name, std::int64_t begin, std::int64_t length) {
    fmt::format_to(std::back_inserter(out),
                   R"({}{{"name":"{}","cat":"frame","ph":"X","ts":{},"dur":{},"pid":1,"tid":{},)"
                   R"("args":{{"frame":{},"outcome":"{}","profile":"{}"}}}})",
                   out.back() == '[' ? "\n" : ",\n", name, begin, length, frame.session,
                   frame.frame, frame.outcome, frame.profile);
  };
  event("frame", at, whole);
  for (std::size_t i = 0; i < FrameTrace::kStages; ++i) {
    const std::int64_t length = frame.stages[i].count();
    if (length > 0) event(kStageNames[i], at, length);
    at += std::max<std::int64_t>(length, 0);
  }
}

}  // namespace

TraceRing::TraceRing(std::uint32_t every) : every_(every), frames_(kFrames) {}

bool TraceRing::wants_next() noexcept {
  const std::uint32_t every = every_.load(std::memory_order_relaxed);
  return every > 0 && seen_.fetch_add(1, std::memory_order_relaxed) % every == 0;
}

void TraceRing::keep(const FrameTrace& frame) noexcept {
  const base::MutexLock lock(mutex_);
  frames_[kept_++ % kFrames] = frame;
}

std::string TraceRing::chrome_json(std::size_t most) const {
  std::vector<FrameTrace> frames;
  {
    const base::MutexLock lock(mutex_);
    const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(kept_, kFrames));
    const std::size_t wanted = std::min(most, there);
    frames.reserve(wanted);
    for (std::uint64_t i = kept_ - wanted; i < kept_; ++i) frames.push_back(frames_[i % kFrames]);
  }
  std::string out = R"({"displayTimeUnit":"ms","traceEvents":[)";
  for (const FrameTrace& frame : frames) append(frame, out);
  out += "\n]}\n";
  return out;
}

}  // namespace storysign::telemetry
