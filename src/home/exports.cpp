// What JavaScript calls and provides; web/src/home/program.ts is the other side. Built by
// setup/home.py only. One tracker for the life of the worker, so globals do.

#include "home/home_tracker.hpp"
#include "home/imported_engine.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#define STORYSIGN_EXPORT(name) __attribute__((export_name(name))) extern "C"
#define STORYSIGN_IMPORT(name) \
  __attribute__((import_module("storysign"), import_name(name))) extern "C"

STORYSIGN_IMPORT("network_create") int network_create(const char* file, const char* outputs);
STORYSIGN_IMPORT("network_infer")
int network_infer(int id, const float* input, std::size_t input_size, float* outputs,
                  std::size_t output_size);
/// Milliseconds of a monotonic clock.
STORYSIGN_IMPORT("now") double now_ms();

namespace {

using namespace storysign;  // NOLINT(google-build-using-namespace): this file is no room's header.

std::unique_ptr<home::HomeTracker> tracker;
/// The sentence of the last failure.
std::string failure;

base::SteadyTime now() noexcept {
  return base::SteadyTime(std::chrono::duration_cast<base::SteadyTime::duration>(
      std::chrono::duration<double, std::milli>(now_ms())));
}

std::chrono::microseconds microseconds(double count) noexcept {
  // 2^53: above it a double has no whole numbers of its own. NaN becomes 0.
  constexpr double kMost = 9007199254740992.0;
  if (!(count > 0.0)) return std::chrono::microseconds(0);
  return std::chrono::microseconds(std::llround(count < kMost ? count : kMost));
}

/// Returns 1, or 0 with the sentence in `failure`. An exception, as when memory ends, stops the
/// program here: JavaScript catches that.
int told(const base::Result<void>& done) {
  if (!done) failure = done.error().message;
  return done ? 1 : 0;
}

}  // namespace

/// Makes the networks; 1 or 0. Once, before all others.
STORYSIGN_EXPORT("storysign_begin") int storysign_begin() {
  home::ImportedEngine engine({.create = network_create, .infer = network_infer});
  auto made = home::HomeTracker::create(engine, now);
  if (!made) return told(tl::unexpected(std::move(made).error()));
  tracker = std::move(*made);
  return 1;
}

/// The number of a profile; negative: automatic.
STORYSIGN_EXPORT("storysign_choose") void storysign_choose(int profile) {
  tracker->choose(profile < 0 ? std::nullopt : std::optional(adapt::profile_at(profile)));
}

STORYSIGN_EXPORT("storysign_reset") void storysign_reset() {
  tracker->reset();
}

/// Where to write the next picture.
STORYSIGN_EXPORT("storysign_picture") std::uint8_t* storysign_picture(int width, int height) {
  return tracker->picture(width, height).data();
}

/// Times are microseconds; 1 or 0.
STORYSIGN_EXPORT("storysign_track")
int storysign_track(std::uint32_t number, double capture_time, double latency,
                    std::uint32_t dropped, double spent) {
  return told(tracker->track({.number = number,
                              .capture_time = microseconds(capture_time),
                              .latency = microseconds(latency),
                              .dropped = dropped,
                              .spent = microseconds(spent)}));
}

STORYSIGN_EXPORT("storysign_message") const std::uint8_t* storysign_message() {
  return tracker->message().data();
}

STORYSIGN_EXPORT("storysign_message_size") std::size_t storysign_message_size() {
  return tracker->message().size();
}

STORYSIGN_EXPORT("storysign_answer") const std::uint8_t* storysign_answer() {
  return tracker->answer().data();
}

STORYSIGN_EXPORT("storysign_answer_size") std::size_t storysign_answer_size() {
  return tracker->answer().size();
}

/// Of the last call that returned 0.
STORYSIGN_EXPORT("storysign_failure") const char* storysign_failure() {
  return failure.c_str();
}
