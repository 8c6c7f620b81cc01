#pragma once

#include "base/clock.hpp"
#include "engine/network.hpp"
#include "telemetry/metrics.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace storysign::pipeline {

/// An engine whose networks count how often they run and how long each run takes, by network. Owned
/// by app; threads as engine::Engine.
class TimedEngine : public engine::Engine {
 public:
  /// Both outlive this and its networks.
  TimedEngine(engine::Engine& engine, telemetry::Metrics& metrics,
              base::SteadyTime (*now)() noexcept = &base::steady_now)
      : engine_(engine), metrics_(metrics), now_(now) {}

  [[nodiscard]] base::Result<std::unique_ptr<engine::Network>> create(
      engine::Model model, std::span<const std::string_view> outputs) override;
  [[nodiscard]] base::Result<std::unique_ptr<engine::Network>> create_quick(
      engine::Model model, std::span<const std::string_view> outputs) override;
  void expect_workers(int workers) override { engine_.expect_workers(workers); }
  [[nodiscard]] std::string_view device() const noexcept override { return engine_.device(); }

 private:
  [[nodiscard]] base::Result<std::unique_ptr<engine::Network>> timed(
      base::Result<std::unique_ptr<engine::Network>> network, engine::Model model) const;

  engine::Engine& engine_;
  telemetry::Metrics& metrics_;
  base::SteadyTime (*now_)() noexcept;
};

}  // namespace storysign::pipeline
