#pragma once

#include "base/result.hpp"
#include "engine/models.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace storysign::engine {

/// One inference request of one network: its own input and output memory. Owned by a worker; one
/// thread at a time.
class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  Network(Network&&) = delete;
  Network& operator=(Network&&) = delete;
  virtual ~Network() = default;

  /// The input tensor, ModelInfo::input_size floats: a picture row by row, RGB, or features; the
  /// value range is the model's. Write, then infer().
  [[nodiscard]] virtual std::span<float> input() noexcept = 0;

  /// Runs the network on input() and returns when the outputs are there. Fails with kInternal if
  /// the runtime does; outputs are then unspecified.
  virtual base::Result<void> infer() = 0;

  /// Output number `index` in the order asked for at creation; valid until the next infer().
  [[nodiscard]] virtual std::span<const float> output(std::size_t index) const noexcept = 0;
};

/// Makes requests. One per process; create() may be called from any thread. The first request of a
/// model (with the same outputs) compiles it, the others share the compiled model. The engine
/// outlives its networks.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  Engine(Engine&&) = delete;
  Engine& operator=(Engine&&) = delete;
  virtual ~Engine() = default;

  /// A new request for `model` that computes only the outputs named. Fails with one sentence that
  /// names the file if it is missing, truncated or not the expected one, or if an output name is
  /// not the model's.
  [[nodiscard]] virtual base::Result<std::unique_ptr<Network>> create(
      Model model, std::span<const std::string_view> outputs) = 0;

  /// The same as create(), computed in fewer digits (bfloat16) where this machine does that faster;
  /// null where it does not. Results differ from the exact ones by a few
  /// thousandths of the input's side.
  [[nodiscard]] virtual base::Result<std::unique_ptr<Network>> create_quick(
      Model /*model*/, std::span<const std::string_view> /*outputs*/) {
    return nullptr;
  }

  /// Tells how many threads will call infer() at the same time from now on, where that changes
  /// after the start: networks made later run beside those that are there. Any thread.
  virtual void expect_workers(int /*workers*/) {}

  /// Where networks run: "CPU", "GPU" or "null".
  [[nodiscard]] virtual std::string_view device() const noexcept = 0;
};

}  // namespace storysign::engine
