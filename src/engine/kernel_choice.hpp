#pragma once

#include "engine/models.hpp"

namespace ov {
class Core;
class Model;
}  // namespace ov

namespace storysign::engine {

/// Whether prefer_blocked_kernels() pays for this model on this CPU: one with AVX2 and without
/// AVX-512, and not for the face with attention, whose many small layers it makes slower.
[[nodiscard]] bool blocked_kernels_pay(Model model) noexcept;

/// Whether this CPU computes in bfloat16 by itself; elsewhere OpenVINO would emulate it.
[[nodiscard]] bool bfloat16_pays() noexcept;

/// Tells OpenVINO's CPU plugin to compute the convolutions of `model` with oneDNN's older AVX2
/// kernels, which keep channels in blocks of eight, instead of the batch-reduce kernels that it
/// takes first. These networks then take 5 to 30 % less time, the hand's 20 %
/// (bench_networks --benchmark_filter=kernels); results differ by rounding. Where a kernel cannot
/// compute a layer OpenVINO chooses as before. Internal to the room. Throws what OpenVINO
/// throws.
void prefer_blocked_kernels(ov::Core& core, ov::Model& model);

}  // namespace storysign::engine
