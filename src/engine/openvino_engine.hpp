#pragma once

#include "base/result.hpp"
#include "engine/network.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::engine {

/// Whether to run on a graphics processor that OpenVINO reports.
enum class GpuUse : std::uint8_t {
  kOff,      ///< Do not even look for one: loading its plugin takes time.
  kAuto,     ///< Where one is reported and works; else the CPU, with one warning that says why.
  kRequire,  ///< Fail if none is reported or a network does not compile for it.
};

/// Hears what does not stop an engine but should be known. Owned by the caller, outlives the
/// engine. Called in the thread that makes the engine or calls create().
class WarningListener {
 public:
  WarningListener() = default;
  WarningListener(const WarningListener&) = delete;
  WarningListener& operator=(const WarningListener&) = delete;
  WarningListener(WarningListener&&) = delete;
  WarningListener& operator=(WarningListener&&) = delete;
  virtual ~WarningListener() = default;

  /// One sentence for the operator.
  virtual void on_warning(std::string_view message) = 0;
};

/// Fixed for the life of an engine.
struct OpenVinoOptions {
  std::filesystem::path model_folder = {};
  GpuUse gpu = GpuUse::kOff;
  /// Threads that call infer() at the same time, 1..256, until expect_workers() says otherwise.
  /// More are correct, but wait for each other.
  int workers = 1;
  /// Up to so many workers have a compiled model of each network for themselves, 0..256.
  int own_models = 16;
  /// On CPUs where that is faster, do not leave the kernels of convolutions to OpenVINO.
  bool choose_kernels = true;
  WarningListener* warnings = nullptr;  ///< May be null: then warnings are dropped.
  /// If not empty: where OpenVINO keeps what it has compiled, which halves the time to compile it
  /// again. The folder belongs to this program alone: what it holds is trusted.
  std::filesystem::path cache_folder = {};
};

/// The engine that runs the .tflite files with OpenVINO. One per process: it holds one ov::Core,
/// and compiled models for each model and set of outputs asked for, made at the create() that needs
/// one (0.2 to 0.9 s). Outputs that were not asked for, and the layers that only they need, are cut
/// off before compiling.
///
/// On the CPU, up to `own_models` workers each have a compiled model of a network for themselves,
/// and infer() computes on the calling thread: against sharing, latency's 95th percentile falls by
/// a third and a frame takes a tenth less CPU, for about 60 MB a worker (bench_networks
/// --benchmark_filter=beside). With more workers a compiled model runs as many requests at once as
/// there were workers when it was compiled, on threads of OpenVINO's while the callers sleep
/// (OpenVINO 2026.4 offers no other way to share the weights). There are never more than the cores
/// that this process may use; further workers wait for each other. After expect_workers() with more
/// (and cores for them) new requests get another model beside the first, which goes when nobody
/// uses it.
///
/// create() verifies the model file (ModelStore), and runs the new request once with zeros, so that
/// the first real frame does not pay for what OpenVINO puts off until then. It may be called from
/// any thread; several compile at the same time.
///
/// infer() computes on one thread per request, in float32; in bfloat16 what create_quick() made,
/// which takes a third less time (bench_networks --benchmark_filter=precision). No thread spins: an
/// idle engine uses no CPU. CPU time of a stage is that of the process, not of the thread. Returns
/// kInternal if OpenVINO throws.
///
/// Fails with kInvalidInput if `workers` is out of range, kUnavailable if a GPU is required and
/// none is reported.
[[nodiscard]] base::Result<std::unique_ptr<Engine>> make_openvino_engine(
    const OpenVinoOptions& options);

/// One device that OpenVINO can use.
struct RuntimeDevice {
  std::string name;       ///< "CPU", "GPU", "GPU.1".
  std::string full_name;  ///< What the maker calls it; empty if the plugin does not say.
};

/// What the inference runtime is and sees on this machine.
struct RuntimeInfo {
  std::string version;  ///< As OpenVINO states it.
  std::vector<RuntimeDevice> devices;
};

/// Loads every device plugin, which takes part of a second: for `doctor`, not for serving. Any
/// thread. Fails with kInternal if OpenVINO cannot start.
[[nodiscard]] base::Result<RuntimeInfo> runtime_info();

}  // namespace storysign::engine
