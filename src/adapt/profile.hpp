#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace storysign::adapt {

/// How much the server does for a learner's frames, ascending. Its number is the profile's level.
enum class Profile : std::uint8_t { kUltraPerformance, kHighPerformance, kBalanced, kHighQuality };

inline constexpr std::size_t kProfiles = 4;
inline constexpr int kHighestLevel = static_cast<int>(kProfiles) - 1;

/// What a profile means.
struct ProfileSettings {
  int jpeg_quality;         ///< Of the answer picture.
  double resolution_scale;  ///< Size of the answer picture, of the frame's.
  int frame_skip;           ///< A part's network runs on every Nth frame at most; 0, 1: on every.
  std::chrono::milliseconds target_latency;
};

/// requirements.md, "Quality profiles".
inline constexpr std::array<ProfileSettings, kProfiles> kProfileSettings{{
    {.jpeg_quality = 40,
     .resolution_scale = 0.6,
     .frame_skip = 3,
     .target_latency = std::chrono::milliseconds(30)},
    {.jpeg_quality = 50,
     .resolution_scale = 0.75,
     .frame_skip = 2,
     .target_latency = std::chrono::milliseconds(50)},
    {.jpeg_quality = 65,
     .resolution_scale = 0.85,
     .frame_skip = 1,
     .target_latency = std::chrono::milliseconds(75)},
    {.jpeg_quality = 80,
     .resolution_scale = 1.0,
     .frame_skip = 0,
     .target_latency = std::chrono::milliseconds(100)},
}};

[[nodiscard]] constexpr int level_of(Profile profile) noexcept {
  return static_cast<int>(profile);
}

/// The profile of a level; one outside 0 to kHighestLevel counts as the nearest.
[[nodiscard]] constexpr Profile profile_at(int level) noexcept {
  if (level < 0) return Profile::kUltraPerformance;
  return static_cast<Profile>(level > kHighestLevel ? kHighestLevel : level);
}

[[nodiscard]] constexpr const ProfileSettings& settings_of(Profile profile) noexcept {
  return kProfileSettings[static_cast<std::size_t>(profile)];
}

/// "ultra_performance", "high_performance", "balanced" or "high_quality".
[[nodiscard]] std::string_view profile_name(Profile profile) noexcept;

/// The profile of that name; none for any other text, "auto" included.
[[nodiscard]] std::optional<Profile> parse_profile(std::string_view name) noexcept;

/// Why a quality is what it is. Goes to the page and to counters.
enum class Reason : std::uint8_t {
  kStart,     ///< Nothing has changed yet.
  kPinned,    ///< The configuration names a profile.
  kOperator,  ///< An operator chose it.
  kClient,    ///< The client asked for it.
  kLatency,   ///< Answers came too late because of work on the server.
  kDrops,     ///< Too many frames had no answer because of work on the server.
  kNetwork,   ///< The way to this client is too slow.
  kCpu,       ///< The process used more CPU than max_cpu_usage.
  kMemory,    ///< The process used more memory than max_memory_usage.
  kHeadroom,  ///< There was room for a better one.
};

inline constexpr std::size_t kReasons = 10;

/// One word: "start", "pinned", "operator", "client", "latency", "drops", "network", "cpu",
/// "memory" or "headroom".
[[nodiscard]] std::string_view reason_name(Reason reason) noexcept;

}  // namespace storysign::adapt
