#include "adapt/profile.hpp"

namespace storysign::adapt {
namespace {

constexpr std::array<std::string_view, kProfiles> kProfileNames{
    "ultra_performance", "high_performance", "balanced", "high_quality"};

constexpr std::array<std::string_view, kReasons> kReasonNames{
    "start", "pinned",  "operator", "client", "latency",
    "drops", "network", "cpu",      "memory", "headroom"};

}  // namespace

std::string_view profile_name(Profile profile) noexcept {
  return kProfileNames[static_cast<std::size_t>(profile)];
}

std::optional<Profile> parse_profile(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kProfiles; ++i) {
    if (kProfileNames[i] == name) return static_cast<Profile>(i);
  }
  return std::nullopt;
}

std::string_view reason_name(Reason reason) noexcept {
  return kReasonNames[static_cast<std::size_t>(reason)];
}

}  // namespace storysign::adapt
