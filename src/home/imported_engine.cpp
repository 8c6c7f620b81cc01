#include "home/imported_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace storysign::home {
namespace {

/// Where an output lies among all of them.
struct Place {
  std::size_t begin = 0;
  std::size_t size = 0;
};

class ImportedNetwork final : public engine::Network {
 public:
  ImportedNetwork(const EngineImports& imports, int id, const engine::ModelInfo& info,
                  std::vector<Place> places)
      : imports_(imports),
        id_(id),
        name_(info.name),
        input_(info.input_size),
        places_(std::move(places)) {
    const Place& last = places_.back();
    outputs_.resize(last.begin + last.size);
  }

  [[nodiscard]] std::span<float> input() noexcept override { return input_; }

  base::Result<void> infer() override {
    if (imports_.infer(id_, input_.data(), input_.size(), outputs_.data(), outputs_.size()) == 0) {
      return base::fail(base::ErrorCode::kInternal,
                        fmt::format("The network {} could not be run.", name_));
    }
    return {};
  }

  [[nodiscard]] std::span<const float> output(std::size_t index) const noexcept override {
    const Place& place = places_[index];
    return std::span<const float>(outputs_).subspan(place.begin, place.size);
  }

 private:
  // Given.
  EngineImports imports_;
  int id_;
  std::string_view name_;
  // Owned.
  std::vector<float> input_;
  std::vector<float> outputs_;
  std::vector<Place> places_;
};

}  // namespace

base::Result<std::unique_ptr<engine::Network>> ImportedEngine::create(
    engine::Model model, std::span<const std::string_view> outputs) {
  const engine::ModelInfo& info = engine::model_info(model);
  if (outputs.empty()) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("The network {} was asked for no outputs.", info.name));
  }
  std::vector<Place> places;
  std::string names;
  std::size_t begin = 0;
  for (const std::string_view name : outputs) {
    // No algorithm of std::ranges: the standard library of the WebAssembly build has none.
    const auto found = std::find_if(info.outputs.begin(), info.outputs.end(),
                                    [&](const engine::OutputInfo& o) { return o.name == name; });
    if (found == info.outputs.end()) {
      return base::fail(base::ErrorCode::kInvalidInput,
                        fmt::format("The network {} has no output {}.", info.name, name));
    }
    places.push_back({begin, found->size});
    begin += found->size;
    if (!names.empty()) names += ',';
    names += name;
  }
  const int id = imports_.create(std::string(info.file).c_str(), names.c_str());
  if (id < 0) {
    return base::fail(base::ErrorCode::kUnavailable,
                      fmt::format("The network {} could not be made.", info.name));
  }
  return std::make_unique<ImportedNetwork>(imports_, id, info, std::move(places));
}

}  // namespace storysign::home
