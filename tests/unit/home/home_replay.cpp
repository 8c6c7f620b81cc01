// Runs the tracker of src/home, natively built, on what a recording of its WebAssembly build saw:
// pictures, and what each network answered. Everything that it does with them must be the same, bit
// for bit: what it shows the networks, and its messages. web/e2e/home_sameness.test.ts records and
// pipes the recording in; it describes the format. Exit status 1 and one sentence at the first
// difference.

#include "home/home_tracker.hpp"
#include "home/imported_engine.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace storysign;  // NOLINT(google-build-using-namespace): a program of its own.

long frames = 0;
long inferences = 0;

[[noreturn]] void stop(const std::string& why) {
  std::printf("Frame %ld, inference %ld: %s.\n", frames, inferences, why.c_str());
  std::fflush(stdout);
  std::_Exit(1);
}

template <class T>
void take(std::span<T> out) {
  if (std::fread(out.data(), sizeof(T), out.size(), stdin) != out.size()) {
    stop("the recording ends too early");
  }
}

std::uint32_t take_number() {
  std::uint32_t number = 0;
  take(std::span(&number, 1));
  return number;
}

/// The next thing recorded must be of that kind.
void expect(char kind, const char* what) {
  char next = 0;
  take(std::span(&next, 1));
  if (next != kind) stop(std::string("the recording has something else than ") + what);
}

int make(const char* file, const char* outputs) {
  expect('N', "a network");
  std::string name(take_number(), ' ');
  take(std::span(name));
  if (name != std::string(file) + ":" + outputs) stop("another network was made: " + name);
  static int next = 0;
  return next++;
}

int infer(int id, const float* input, std::size_t input_size, float* outputs,
          std::size_t output_size) {
  ++inferences;
  expect('I', "an inference");
  if (take_number() != static_cast<std::uint32_t>(id)) stop("another network was run");
  std::vector<float> seen(take_number());
  take(std::span(seen));
  if (seen.size() != input_size) stop("the input has another size");
  for (std::size_t i = 0; i < input_size; ++i) {
    if (seen[i] != input[i]) {
      stop("network " + std::to_string(id) + " is shown " + std::to_string(input[i]) +
           " instead of " + std::to_string(seen[i]) + " at " + std::to_string(i));
    }
  }
  if (take_number() != output_size) stop("the outputs have another size");
  take(std::span(outputs, output_size));
  return 1;
}

/// Every look at the clock is a millisecond later than the one before; as the recorder's.
base::SteadyTime now() noexcept {
  static std::int64_t looks = 0;
  return base::SteadyTime(std::chrono::milliseconds(++looks));
}

void compare(std::span<const std::uint8_t> mine, const char* what) {
  std::vector<std::uint8_t> recorded(take_number());
  take(std::span(recorded));
  if (recorded.size() != mine.size()) stop(std::string(what) + " has another size");
  for (std::size_t i = 0; i < mine.size(); ++i) {
    if (recorded[i] != mine[i]) stop(std::string(what) + " differs at " + std::to_string(i));
  }
}

}  // namespace

int main() {
  home::ImportedEngine engine({.create = make, .infer = infer});
  auto made = home::HomeTracker::create(engine, now);
  if (!made) stop(made.error().message);
  home::HomeTracker& tracker = **made;
  const std::uint32_t width = take_number();
  const std::uint32_t height = take_number();
  const std::uint32_t count = take_number();
  tracker.choose(adapt::profile_at(static_cast<int>(take_number())));
  for (std::uint32_t i = 1; i <= count; ++i) {
    ++frames;
    expect('F', "a frame");
    take(tracker.picture(static_cast<int>(width), static_cast<int>(height)));
    // 30 pictures a second.
    const auto done =
        tracker.track({.number = i, .capture_time = std::chrono::microseconds(i * 1000000LL / 30)});
    if (!done) stop(done.error().message);
    expect('M', "the messages");
    compare(tracker.message(), "the message");
    compare(tracker.answer(), "the answer");
  }
  std::printf("%ld frames, %ld inferences: the same.\n", frames, inferences);
  return 0;
}
