#pragma once

#include "base/result.hpp"
#include "engine/models.hpp"
#include "engine/network.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace storysign::engine {

/// One output of a null network, to be filled in by a script. The values stay from one infer() to
/// the next.
struct NullOutput {
  std::string_view name;
  std::span<float> values;
};

/// What the networks of a null engine answer: a test derives from it. Owned by the test, outlives
/// the engine. Called in the thread that calls create() or infer(), from several at once if the
/// test does so.
class NullScript {
 public:
  NullScript() = default;
  NullScript(const NullScript&) = delete;
  NullScript& operator=(const NullScript&) = delete;
  NullScript(NullScript&&) = delete;
  NullScript& operator=(NullScript&&) = delete;
  virtual ~NullScript() = default;

  /// Called once per create(), before the network is made; a failure becomes that of create().
  virtual base::Result<void> on_create(Model model);

  /// Called once per infer() with ModelInfo::input_size inputs; fills `outputs`, which are in the
  /// order asked for at creation. A failure becomes that of infer().
  virtual base::Result<void> answer(Model model, std::span<const float> input,
                                    std::span<const NullOutput> outputs) = 0;
};

/// An engine without networks, for tests: inputs and outputs have the sizes of model_info(), no
/// model file is read, names of outputs are checked as in the real one. Answers are what `script`
/// fills in; without a script they are zeros. infer() allocates nothing. device() is "null". Never
/// chosen by itself: whoever wants it asks for it.
[[nodiscard]] std::unique_ptr<Engine> make_null_engine(NullScript* script = nullptr);

}  // namespace storysign::engine
