#include "engine/openvino_engine.hpp"

#include "engine/attention_ops.hpp"
#include "engine/built_in.hpp"
#include "engine/device_choice.hpp"
#include "engine/kernel_choice.hpp"
#include "engine/model_store.hpp"
#include "engine/output_selection.hpp"

#include <fmt/format.h>
#include <openvino/openvino.hpp>
#include <sched.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace storysign::engine {
namespace {

using base::ErrorCode;

constexpr int kMaxWorkers = 256;

/// OpenVINO's messages are several lines with source places; in a sentence they are one.
std::string one_line(const std::exception& exception) {
  std::string text;
  for (const char character : std::string_view(exception.what())) {
    const bool space = character == '\n' || character == '\r' || character == ' ';
    if (!space) {
      text += character;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) {
    text.pop_back();
  }
  return text;
}

class OpenVinoNetwork final : public Network {
 public:
  OpenVinoNetwork(const ModelInfo& info, std::string_view device, ov::InferRequest request,
                  std::shared_ptr<void> place)
      : info_(info), device_(device), request_(std::move(request)), place_(std::move(place)) {}

  /// Runs once with zeros, and looks up the memory of the tensors. Throws what OpenVINO throws.
  base::Result<void> start(const OutputSelection& selection) {
    ov::Tensor input = request_.get_input_tensor();
    input_ = {input.data<float>(), input.get_size()};
    if (input_.size() != info_.input_size) {
      return wrong_size("input", input_.size(), info_.input_size);
    }
    std::ranges::fill(input_, 0.0F);
    request_.infer();
    for (const std::size_t index : selection.indices) {
      const OutputInfo& output = info_.outputs[index];
      const ov::Tensor tensor = request_.get_tensor(std::string(output.name));
      if (tensor.get_size() != output.size) {
        return wrong_size(output.name, tensor.get_size(), output.size);
      }
      outputs_.emplace_back(tensor.data<const float>(), output.size);
    }
    return {};
  }

  [[nodiscard]] std::span<float> input() noexcept override { return input_; }

  base::Result<void> infer() override {
    try {
      request_.infer();
    } catch (const std::exception& exception) {
      return base::fail(ErrorCode::kInternal,
                        fmt::format("Network {} failed on the {} ({}); this is a defect of the "
                                    "program or of OpenVINO, please report it.",
                                    info_.name, device_, one_line(exception)));
    }
    return {};
  }

  [[nodiscard]] std::span<const float> output(std::size_t index) const noexcept override {
    return outputs_[index];
  }

 private:
  base::Result<void> wrong_size(std::string_view tensor, std::size_t found, std::size_t expected) {
    return base::fail(ErrorCode::kInternal,
                      fmt::format("Tensor {} of network {} holds {} values on the {}, expected {}.",
                                  tensor, info_.name, found, device_, expected));
  }

  // Given.
  const ModelInfo& info_;
  std::string_view device_;
  // Owned. The request keeps its compiled model alive; the spans are memory of its tensors, whose
  // shapes are static.
  ov::InferRequest request_;
  std::shared_ptr<void> place_;  ///< Shared with Compiled, which counts the requests by it.
  std::span<float> input_;
  std::vector<std::span<const float>> outputs_;
};

/// From the file, or from the program itself where the model is built in.
std::shared_ptr<ov::Model> read_whole(ov::Core& core, const std::filesystem::path& file,
                                      const ModelInfo& info) {
  if (info.home == ModelHome::kFolder) return core.read_model(file);
  const std::span<const char> bytes = built_in(info.model);
  return core.read_model(std::string(bytes.begin(), bytes.end()), ov::Tensor());
}

/// The model of a file with only the outputs of the mask: what no result needs is not compiled.
std::shared_ptr<ov::Model> read_with_outputs(ov::Core& core, const std::filesystem::path& file,
                                             const ModelInfo& info, std::uint32_t mask) {
  const std::shared_ptr<ov::Model> whole = read_whole(core, file, info);
  ov::ResultVector results;
  for (std::size_t i = 0; i < info.outputs.size(); ++i) {
    if ((mask & (1U << i)) != 0U) {
      const ov::Output<ov::Node> output = whole->output(std::string(info.outputs[i].name));
      results.push_back(ov::as_type_ptr<ov::op::v0::Result>(output.get_node_shared_ptr()));
    }
  }
  return std::make_shared<ov::Model>(results, whole->get_parameters(), std::string(info.name));
}

ov::AnyMap properties_for(std::string_view device, int workers, bool is_quick) {
  ov::AnyMap properties{
      ov::num_streams(workers),
      ov::hint::inference_precision(is_quick ? ov::element::bf16 : ov::element::f32),
      ov::hint::execution_mode(is_quick ? ov::hint::ExecutionMode::PERFORMANCE
                                        : ov::hint::ExecutionMode::ACCURACY),
  };
  if (device == kCpu) {
    properties.insert(ov::inference_num_threads(workers));
    properties.insert(ov::hint::enable_cpu_pinning(false));
  }
  return properties;
}

/// A place for one request on a compiled model; holds the room as long as it lives.
struct Place {
  ov::CompiledModel model;
  std::shared_ptr<void> token;
};

/// One compiled model and who runs on it.
struct Compiled {
  ov::CompiledModel model;
  int room = 1;  ///< Requests that run at once.
  std::shared_ptr<void> places = std::make_shared<int>();

  [[nodiscard]] int used() const noexcept { return static_cast<int>(places.use_count()) - 1; }
  [[nodiscard]] Place place() const { return {.model = model, .token = places}; }
};

/// All compiled models of one network.
struct Group {
  std::vector<Compiled> models;
  int compiling = 0;  ///< Models that threads are compiling for themselves now.

  /// Requests that run at once, those being compiled counted.
  [[nodiscard]] int room() const noexcept {
    return std::accumulate(models.begin(), models.end(), compiling,
                           [](int sum, const Compiled& one) { return sum + one.room; });
  }
};

/// Cores that the calling thread may run on now.
int cores_now() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  return ::sched_getaffinity(0, sizeof mask, &mask) == 0 ? std::max(1, CPU_COUNT(&mask)) : 1;
}

class OpenVinoEngine final : public Engine {
 public:
  explicit OpenVinoEngine(const OpenVinoOptions& options)
      : store_(options.model_folder),
        device_(options.gpu, options.warnings),
        own_models_(options.own_models),
        choose_kernels_(options.choose_kernels),
        workers_(options.workers) {}

  /// Throws what OpenVINO throws.
  base::Result<void> start(GpuUse gpu, const std::filesystem::path& cache_folder) {
    add_attention_ops(core_);
    if (!cache_folder.empty()) {
      core_.set_property(ov::cache_dir(cache_folder.string()));
    }
    return device_.choose(gpu == GpuUse::kOff ? std::vector<std::string>{}
                                              : core_.get_available_devices());
  }

  base::Result<std::unique_ptr<Network>> create(
      Model model, std::span<const std::string_view> outputs) override {
    return create(model, outputs, false);
  }

  base::Result<std::unique_ptr<Network>> create_quick(
      Model model, std::span<const std::string_view> outputs) override {
    if (device_.device() != kCpu || !bfloat16_pays()) {
      return nullptr;
    }
    return create(model, outputs, true);
  }

  void expect_workers(int workers) override {
    const std::scoped_lock lock(mutex_);
    workers_ = std::clamp(workers, 1, kMaxWorkers);
    for (auto& [key, group] : compiled_) {
      std::vector<Compiled>& models = group.models;
      if (models.empty()) continue;
      models.erase(std::remove_if(models.begin() + 1, models.end(),
                                  [](const Compiled& one) { return one.used() == 0; }),
                   models.end());
    }
  }

  [[nodiscard]] std::string_view device() const noexcept override { return device_.device(); }

 private:
  /// The device, the network, its outputs, and whether in bfloat16.
  using Key = std::tuple<std::string_view, Model, std::uint32_t, bool>;

  base::Result<std::unique_ptr<Network>> create(Model model,
                                                std::span<const std::string_view> outputs,
                                                bool is_quick) {
    const ModelInfo& info = model_info(model);
    const base::Result<OutputSelection> selection = select_outputs(info, outputs);
    if (!selection) {
      return tl::unexpected(selection.error());
    }
    while (true) {
      const std::string_view device = device_.device();
      base::Result<std::unique_ptr<Network>> network =
          create_on(Key{device, info.model, selection->mask, is_quick}, info, *selection);
      if (network || network.error().code != ErrorCode::kUnavailable) {
        return network;
      }
      const std::scoped_lock lock(mutex_);
      const bool another_did = device != device_.device();
      if (!another_did && !device_.fall_back(info.name, network.error().message)) {
        return base::fail(ErrorCode::kInternal,
                          fmt::format("Network {} cannot be run on the {} ({}); run `storysign "
                                      "doctor` to see what this machine offers.",
                                      info.name, device, network.error().message));
      }
    }
  }

  /// kUnavailable, with OpenVINO's reason as the message, means that the device cannot run it.
  base::Result<std::unique_ptr<Network>> create_on(const Key& key, const ModelInfo& info,
                                                   const OutputSelection& selection) {
    base::Result<Place> place = place_on(key, info);
    if (!place) {
      return tl::unexpected(std::move(place).error());
    }
    try {
      auto network = std::make_unique<OpenVinoNetwork>(
          info, std::get<0>(key), place->model.create_infer_request(), std::move(place->token));
      if (base::Result<void> started = network->start(selection); !started) {
        return tl::unexpected(std::move(started).error());
      }
      return network;
    } catch (const std::exception& exception) {
      return base::fail(ErrorCode::kUnavailable, one_line(exception));
    }
  }

  /// On the compiled model with the most room; on a new one if there is none, or if all are full
  /// while there are workers and cores that could use another.
  base::Result<Place> place_on(const Key& key, const ModelInfo& info) {
    std::unique_lock lock(mutex_);
    Group& group = compiled_[key];  // Stays where it is, whatever others put in.
    const bool on_cpu = std::get<0>(key) == kCpu;
    const auto useful = [&] { return on_cpu && group.room() < std::min(workers_, cores_now()); };
    one_compiled_.wait(lock,
                       [&] { return group.compiling == 0 || !group.models.empty() || useful(); });
    if (!group.models.empty()) {
      const auto most = std::ranges::max_element(
          group.models, {}, [](const Compiled& one) { return one.room - one.used(); });
      if (most->used() < most->room || !useful()) {
        return most->place();
      }
    }
    const base::Result<std::filesystem::path> file = store_.verify(info.model);
    if (!file) {
      return tl::unexpected(file.error());
    }
    base::Result<Compiled> compiled;
    if (on_cpu && workers_ <= own_models_) {
      ++group.compiling;
      lock.unlock();
      compiled = compile(key, *file, info, 1);
      lock.lock();
      --group.compiling;
      one_compiled_.notify_all();
    } else {
      // With the lock: the others wait for it to share it.
      compiled = compile(key, *file, info, std::max(1, workers_ - group.room()));
    }
    if (!compiled) {
      return tl::unexpected(std::move(compiled).error());
    }
    return group.models.emplace_back(std::move(*compiled)).place();
  }

  /// Throws nothing; needs no lock.
  base::Result<Compiled> compile(const Key& key, const std::filesystem::path& file,
                                 const ModelInfo& info, int requests) {
    const auto& [device, model, mask, is_quick] = key;
    try {
      const std::shared_ptr<ov::Model> picked = read_with_outputs(core_, file, info, mask);
      if (choose_kernels_ && !is_quick && device == kCpu && blocked_kernels_pay(model)) {
        prefer_blocked_kernels(core_, *picked);
      }
      ov::CompiledModel made = core_.compile_model(picked, std::string(device),
                                                   properties_for(device, requests, is_quick));
      const int streams = made.get_property(ov::num_streams).num;
      return Compiled{.model = std::move(made), .room = std::max(1, streams)};
    } catch (const std::exception& exception) {
      return base::fail(ErrorCode::kUnavailable, one_line(exception));
    }
  }

  // Owned.
  ModelStore store_;
  DeviceChoice device_;
  ov::Core core_;
  // Given.
  int own_models_;
  bool choose_kernels_;
  // State.
  std::mutex mutex_;
  std::condition_variable one_compiled_;
  int workers_;                    // Guarded by mutex_.
  std::map<Key, Group> compiled_;  // Guarded by mutex_.
};

tl::unexpected<base::Error> cannot_start(const std::exception& exception) {
  return base::fail(ErrorCode::kInternal,
                    fmt::format("OpenVINO cannot start ({}); run `make setup` to unpack it again.",
                                one_line(exception)));
}

}  // namespace

base::Result<std::unique_ptr<Engine>> make_openvino_engine(const OpenVinoOptions& options) {
  if (options.workers < 1 || options.workers > kMaxWorkers) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("The number of inference workers is {}; it must be from 1 to {}.",
                                  options.workers, kMaxWorkers));
  }
  try {
    auto engine = std::make_unique<OpenVinoEngine>(options);
    if (base::Result<void> started = engine->start(options.gpu, options.cache_folder); !started) {
      return tl::unexpected(std::move(started).error());
    }
    return engine;
  } catch (const std::exception& exception) {
    return cannot_start(exception);
  }
}

base::Result<RuntimeInfo> runtime_info() {
  try {
    ov::Core core;
    RuntimeInfo info;
    info.version = ov::get_openvino_version().buildNumber;
    for (const std::string& name : core.get_available_devices()) {
      std::string full_name;
      try {
        full_name = core.get_property(name, ov::device::full_name);
      } catch (const std::exception&) {
        full_name.clear();  // A device that does not say its name is still a device.
      }
      info.devices.push_back({name, full_name});
    }
    return info;
  } catch (const std::exception& exception) {
    return cannot_start(exception);
  }
}

}  // namespace storysign::engine
