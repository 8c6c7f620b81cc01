#include "pipeline/timed_engine.hpp"

#include <chrono>
#include <cstddef>
#include <utility>

namespace storysign::pipeline {
namespace {

using telemetry::Timing;

/// The rows of the metrics table stand in the order of engine::Model; a test compares the names.
Timing timing_of(engine::Model model) noexcept {
  return static_cast<Timing>(static_cast<std::size_t>(Timing::kInferencePoseDetection) +
                             static_cast<std::size_t>(model));
}

class TimedNetwork : public engine::Network {
 public:
  TimedNetwork(std::unique_ptr<engine::Network> network, Timing timing, telemetry::Metrics& metrics,
               base::SteadyTime (*now)() noexcept)
      : timing_(timing), metrics_(metrics), now_(now), network_(std::move(network)) {}

  [[nodiscard]] std::span<float> input() noexcept override { return network_->input(); }
  base::Result<void> infer() override {
    const base::SteadyTime begin = now_();
    auto done = network_->infer();
    metrics_.record(timing_, std::chrono::duration_cast<std::chrono::microseconds>(now_() - begin));
    return done;
  }
  [[nodiscard]] std::span<const float> output(std::size_t index) const noexcept override {
    return network_->output(index);
  }

 private:
  // Given.
  Timing timing_;
  telemetry::Metrics& metrics_;
  base::SteadyTime (*now_)() noexcept;
  // Owned.
  std::unique_ptr<engine::Network> network_;
};

}  // namespace

base::Result<std::unique_ptr<engine::Network>> TimedEngine::create(
    engine::Model model, std::span<const std::string_view> outputs) {
  return timed(engine_.create(model, outputs), model);
}

base::Result<std::unique_ptr<engine::Network>> TimedEngine::create_quick(
    engine::Model model, std::span<const std::string_view> outputs) {
  return timed(engine_.create_quick(model, outputs), model);
}

base::Result<std::unique_ptr<engine::Network>> TimedEngine::timed(
    base::Result<std::unique_ptr<engine::Network>> network, engine::Model model) const {
  if (!network || *network == nullptr) return network;
  return std::make_unique<TimedNetwork>(*std::move(network), timing_of(model), metrics_, now_);
}

}  // namespace storysign::pipeline
