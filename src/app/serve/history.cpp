#include "app/serve/history.hpp"

#include "telemetry/alerts.hpp"

#include <algorithm>

namespace storysign::app {
namespace {

using nlohmann::json;
using telemetry::FrameEvent;

constexpr std::size_t kMarks = 11;  // Ten seconds between the first and the last.
constexpr double kMebibyte = 1024.0 * 1024.0;

double milliseconds(std::chrono::microseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

double History::Recent::drop_rate() const noexcept {
  return received <= 0.0 ? 0.0 : std::min(1.0, lost / received);
}

History::Recent History::between(const Mark& from, const Mark& to) {
  Recent out;
  out.age = to.age.since(from.age);
  const double seconds = std::chrono::duration<double>(to.at - from.at).count();
  const auto rate = [&](std::size_t which) {
    return seconds <= 0.0 ? 0.0
                          : static_cast<double>(to.frames[which] - from.frames[which]) / seconds;
  };
  out.received = rate(0);
  out.inferred = rate(1);
  out.propagated = rate(2);
  out.replaced = rate(3);
  out.expired = rate(4);
  out.rejected = rate(5);
  out.lost = rate(6);
  return out;
}

void History::add(const telemetry::Metrics& metrics, const telemetry::ResourceReading& resources,
                  base::SteadyTime now, wire::WallTime wall) {
  const base::MutexLock lock(mutex_);
  if (!marks_.empty() && now - marks_.back().at < kInterval) return;
  const telemetry::Snapshot counted = metrics.snapshot();
  Mark mark;
  mark.at = now;
  mark.age = counted.of(telemetry::Timing::kFrameAge);
  mark.frames = {counted.value(FrameEvent::kReceived),
                 counted.value(FrameEvent::kInferred),
                 counted.value(FrameEvent::kPropagated),
                 counted.value(FrameEvent::kReplaced),
                 counted.value(FrameEvent::kExpired),
                 counted.value(FrameEvent::kRejected) + counted.value(FrameEvent::kUndecoded),
                 telemetry::frames_lost(counted)};
  if (!marks_.empty()) {
    const Recent second = between(marks_.back(), mark);
    Point point;
    point.time = std::chrono::duration_cast<std::chrono::seconds>(wall.time_since_epoch()).count();
    if (second.age.count > 0) point.latency_p95_ms = milliseconds(second.age.quantile(0.95));
    point.fps_inferred = second.inferred;
    point.fps_propagated = second.propagated;
    point.fps_dropped = second.lost;
    point.cpu_percent = resources.process_cpu_percent;
    point.memory_mib = static_cast<double>(resources.memory_bytes) / kMebibyte;
    point.sessions = counted.value(telemetry::Gauge::kSessionsOpen);
    points_.push_back(point);
    if (points_.size() > kPoints) points_.pop_front();
  }
  marks_.push_back(mark);
  if (marks_.size() > kMarks) marks_.pop_front();
}

json History::points() const {
  json times = json::array();
  json series = json::object();
  for (const char* name : {"latency_p95_ms", "fps_inferred", "fps_propagated", "fps_dropped",
                           "cpu_percent", "memory_mib", "sessions"}) {
    series[name] = json::array();
  }
  const base::MutexLock lock(mutex_);
  for (const Point& point : points_) {
    times.push_back(point.time);
    series["latency_p95_ms"].push_back(point.latency_p95_ms ? json(*point.latency_p95_ms)
                                                            : json(nullptr));
    series["fps_inferred"].push_back(point.fps_inferred);
    series["fps_propagated"].push_back(point.fps_propagated);
    series["fps_dropped"].push_back(point.fps_dropped);
    series["cpu_percent"].push_back(point.cpu_percent);
    series["memory_mib"].push_back(point.memory_mib);
    series["sessions"].push_back(point.sessions);
  }
  return {{"interval_seconds", kInterval.count()}, {"times", times}, {"series", series}};
}

History::Recent History::recent() const {
  const base::MutexLock lock(mutex_);
  return marks_.empty() ? Recent{} : between(marks_.front(), marks_.back());
}

}  // namespace storysign::app
