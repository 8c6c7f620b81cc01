#pragma once

#include "base/mutex.hpp"
#include "session/context.hpp"
#include "telemetry/resource_sampler.hpp"

namespace storysign::app {

/// The machine's load, measured by the main thread and read by everybody.
class MachineReport : public session::ResourceReport {
 public:
  void update(const telemetry::ResourceReading& reading, wire::WallTime now) {
    const base::MutexLock lock(mutex_);
    reading_ = reading;
    time_ = now;
  }

  [[nodiscard]] wire::ResourceStats latest() const override {
    constexpr double kMebibyte = 1024.0 * 1024.0;
    const base::MutexLock lock(mutex_);
    return {.cpu_percent = reading_.process_cpu_percent,
            .memory_percent = reading_.memory_percent,
            .memory_mb = static_cast<double>(reading_.memory_bytes) / kMebibyte,
            .timestamp = time_};
  }

  [[nodiscard]] telemetry::ResourceReading reading() const {
    const base::MutexLock lock(mutex_);
    return reading_;
  }

 private:
  mutable base::Mutex mutex_;
  telemetry::ResourceReading reading_ STORYSIGN_GUARDED_BY(mutex_);
  wire::WallTime time_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::app
