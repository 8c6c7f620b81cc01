#include "app/serve/exposition.hpp"

#include "telemetry/exposition.hpp"

#include <array>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace storysign::app {
namespace {

using telemetry::Exposition;
using telemetry::LabelledValue;

constexpr double kPercent = 100.0;

void add_machine(Exposition& out, const ExpositionInput& input) {
  const auto& used = input.state.resources;
  out.counter("process_cpu_seconds", "CPU time that all threads of the server have used",
              std::chrono::duration<double>(input.cpu_time).count());
  out.gauge("process_cpu_ratio", "CPU use of the server, of the cores that it may use",
            used.process_cpu_percent / kPercent);
  out.gauge("machine_cpu_ratio", "CPU use of the machine by anybody, of all its cores",
            used.machine_cpu_percent / kPercent);
  out.gauge("process_memory_bytes", "Resident memory of the server",
            static_cast<double>(used.memory_bytes));
  out.gauge("process_memory_ratio", "Resident memory of the server, of the machine's memory",
            used.memory_percent / kPercent);
  out.gauge("machine_memory_ratio", "Memory in use by anybody, of the machine's memory",
            used.machine_memory_percent / kPercent);
  out.gauge("process_threads", "Threads of the server", used.threads);
  out.gauge("process_descriptors", "Files and sockets that the server has open",
            static_cast<double>(input.open_descriptors));
  if (!input.gpus.empty()) {
    std::vector<LabelledValue> values;
    values.reserve(input.gpus.size());
    for (const auto& gpu : input.gpus) values.push_back({.label = gpu.card, .value = gpu.busy});
    out.gauge("gpu_busy_ratio", "Part of the time in which the GPU worked, for anybody", "card",
              values);
  }
}

void add_load(Exposition& out, const ExpositionInput& input) {
  const ServerState& state = input.state;
  out.gauge("workers", "Threads that compute frames", state.load.workers);
  out.gauge("workers_busy", "Workers with a frame or a part of one now", state.load.busy);
  out.gauge("frames_waiting", "Frames that wait for a worker now",
            static_cast<double>(state.load.waiting));
  std::array<LabelledValue, adapt::kProfiles> profiles{};
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    profiles[i] = {.label = adapt::profile_name(static_cast<adapt::Profile>(i)),
                   .value = static_cast<double>(input.sessions_by_profile[i])};
  }
  out.gauge("sessions_by_profile", "Sessions in each quality profile now", "profile", profiles);
  out.gauge("sessions_at_home", "Sessions whose clients find the landmarks themselves now",
            static_cast<double>(state.standing.at_home));
  out.gauge("capacity_learners", "Learners that fit at the configured rate in the lowest profile",
            static_cast<double>(state.standing.capacity));
  out.gauge("capacity_frames_per_second",
            "Frames a second of all learners together that fit in the lowest profile",
            state.standing.capacity_fps);
  out.gauge("utilisation_ratio",
            "Predicted use of what the limits allow; above 1 quality is lowered",
            state.standing.utilisation);
  out.gauge("quality_ceiling", "Highest quality level that sessions may have, 0 to 3, shared out",
            state.standing.ceiling);
  out.gauge("advised_frames_per_second", "Most frames a second that a client is advised to send",
            state.standing.fps_cap);
  out.gauge("ready", "Whether new sessions are taken: 1, or 0 while stopping",
            state.is_ready ? 1.0 : 0.0);
  out.gauge("uptime_seconds", "Time since the start of the server",
            static_cast<double>(state.uptime.count()));
  const std::array<Exposition::Fact, 2> facts = {
      {{.label = "version", .text = STORYSIGN_VERSION}, {.label = "device", .text = input.device}}};
  out.info("build_info", "Version of the program, and what runs the networks", facts);
}

}  // namespace

std::string metrics_text(const ExpositionInput& input) {
  Exposition out;
  out.add(input.counted);
  add_load(out, input);
  add_machine(out, input);
  return out.text();
}

std::size_t count_descriptors() {
  std::error_code code;
  const std::filesystem::directory_iterator all("/proc/self/fd", code);
  if (code) return 0;
  const auto count = std::distance(begin(all), end(all));
  // One of them is the folder itself.
  return static_cast<std::size_t>(count - 1);
}

}  // namespace storysign::app
