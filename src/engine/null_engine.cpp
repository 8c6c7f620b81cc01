#include "engine/null_engine.hpp"

#include "engine/output_selection.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace storysign::engine {
namespace {

class NullNetwork final : public Network {
 public:
  NullNetwork(const ModelInfo& info, const OutputSelection& selection, NullScript* script)
      : model_(info.model), script_(script), input_(info.input_size, 0.0F) {
    std::size_t total = 0;
    for (const std::size_t index : selection.indices) {
      total += info.outputs[index].size;
    }
    values_.resize(total, 0.0F);
    std::size_t start = 0;
    for (const std::size_t index : selection.indices) {
      const OutputInfo& output = info.outputs[index];
      outputs_.push_back({output.name, std::span(values_).subspan(start, output.size)});
      start += output.size;
    }
  }

  [[nodiscard]] std::span<float> input() noexcept override { return input_; }

  base::Result<void> infer() override {
    return script_ == nullptr ? base::Result<void>{} : script_->answer(model_, input_, outputs_);
  }

  [[nodiscard]] std::span<const float> output(std::size_t index) const noexcept override {
    return outputs_[index].values;
  }

 private:
  // Given.
  Model model_;
  NullScript* script_;
  // Owned.
  std::vector<float> input_;
  std::vector<float> values_;
  std::vector<NullOutput> outputs_;
};

class NullEngine final : public Engine {
 public:
  explicit NullEngine(NullScript* script) : script_(script) {}

  base::Result<std::unique_ptr<Network>> create(
      Model model, std::span<const std::string_view> outputs) override {
    const ModelInfo& info = model_info(model);
    const base::Result<OutputSelection> selection = select_outputs(info, outputs);
    if (!selection) {
      return tl::unexpected(selection.error());
    }
    if (script_ != nullptr) {
      if (base::Result<void> admitted = script_->on_create(model); !admitted) {
        return tl::unexpected(std::move(admitted).error());
      }
    }
    return std::make_unique<NullNetwork>(info, *selection, script_);
  }

  [[nodiscard]] std::string_view device() const noexcept override { return "null"; }

 private:
  NullScript* script_;
};

}  // namespace

base::Result<void> NullScript::on_create(Model /*model*/) {
  return {};
}

std::unique_ptr<Engine> make_null_engine(NullScript* script) {
  return std::make_unique<NullEngine>(script);
}

}  // namespace storysign::engine
