#include "telemetry/gpu_sampler.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <system_error>

namespace storysign::telemetry {
namespace {

namespace fs = std::filesystem;

constexpr double kPercent = 100.0;

std::optional<std::uint64_t> read_number(const fs::path& file) {
  std::ifstream in(file);
  std::uint64_t value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

/// "card0", and not its outputs ("card0-HDMI-A-1").
bool is_card(const std::string& name) {
  return name.starts_with("card") && name.size() > 4 &&
         std::all_of(name.begin() + 4, name.end(),
                     [](char character) { return character >= '0' && character <= '9'; });
}

}  // namespace

GpuSampler::GpuSampler(const fs::path& drm) {
  std::error_code code;
  for (fs::directory_iterator at(drm, code), end; !code && at != end; at.increment(code)) {
    Card card;
    card.name = at->path().filename().string();
    if (!is_card(card.name)) continue;
    std::error_code ignored;
    if (const auto file = at->path() / "device/gpu_busy_percent"; fs::exists(file, ignored)) {
      card.busy_file = file;
    } else if (const auto rest = at->path() / "gt/gt0/rc6_residency_ms";
               fs::exists(rest, ignored)) {
      card.rest_file = rest;
    } else {
      continue;
    }
    cards_.push_back(std::move(card));
  }
  std::ranges::sort(cards_, {}, &Card::name);
}

std::vector<GpuReading> GpuSampler::sample(base::SteadyTime now) {
  std::vector<GpuReading> out;
  for (Card& card : cards_) {
    if (!card.busy_file.empty()) {
      if (const auto percent = read_number(card.busy_file)) {
        out.push_back({card.name, std::min(1.0, static_cast<double>(*percent) / kPercent)});
      }
      continue;
    }
    const auto rest = read_number(card.rest_file);
    const double elapsed = std::chrono::duration<double, std::milli>(now - card.at).count();
    if (rest && card.rest_ms && elapsed > 0.0) {
      const double at_rest = static_cast<double>(*rest - *card.rest_ms) / elapsed;
      out.push_back({card.name, std::clamp(1.0 - at_rest, 0.0, 1.0)});
    }
    card.rest_ms = rest;
    card.at = now;
  }
  return out;
}

}  // namespace storysign::telemetry
