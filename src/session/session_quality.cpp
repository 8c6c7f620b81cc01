#include "session/session_quality.hpp"

#include "codec/encoder.hpp"
#include "session/pace.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace storysign::session {
namespace {

using nlohmann::json;

constexpr int kMaxFrameSkip = 30;

std::chrono::microseconds service_time(const pipeline::StageTimes& times) {
  return times.decode + times.vision + times.render + times.encode;
}

/// What a client asks for, checked.
struct Wishes {
  std::optional<adapt::Profile> profile;
  bool automatic = false;
  bool has_skip = false;
  std::optional<int> skip;
  std::optional<codec::CompressionStrategy> compression;
};

tl::unexpected<base::Error> refuse(std::string sentence) {
  return base::fail(base::ErrorCode::kInvalidInput, std::move(sentence));
}

base::Result<void> read_profile(const json& value, Wishes& wishes) {
  const std::string name = value.is_string() ? value.get<std::string>() : value.dump();
  wishes.automatic = name == "auto";
  wishes.profile = adapt::parse_profile(name);
  if (!wishes.automatic && !wishes.profile) {
    return refuse(
        "The profile must be auto, high_quality, balanced, high_performance or "
        "ultra_performance.");
  }
  return {};
}

base::Result<void> read_skip(const json& value, Wishes& wishes) {
  wishes.has_skip = true;
  if (value.is_null()) {
    return {};
  }
  const bool fits = value.is_number_integer() && value >= 0 && value <= kMaxFrameSkip;
  if (!fits) {
    return refuse(
        fmt::format("frame_skip must be a whole number from 0 to {}, or null for the "
                    "profile's.",
                    kMaxFrameSkip));
  }
  wishes.skip = value.get<int>();
  return {};
}

base::Result<void> read_compression(const json& value, Wishes& wishes) {
  wishes.compression =
      value.is_string() ? codec::parse_strategy(value.get<std::string>()) : std::nullopt;
  if (!wishes.compression) {
    return refuse("The compression must be ultra_fast, fast, balanced or quality.");
  }
  return {};
}

base::Result<Wishes> read_wishes(const json& data) {
  Wishes wishes;
  base::Result<void> read;
  if (const auto profile = data.find("profile"); profile != data.end()) {
    read = read_profile(*profile, wishes);
  }
  if (const auto automatic = data.find("auto"); read && automatic != data.end()) {
    if (*automatic != true || wishes.profile) {
      return refuse("auto can only be true, and not together with a profile.");
    }
    wishes.automatic = true;
  }
  if (const auto skip = data.find("frame_skip"); read && skip != data.end()) {
    read = read_skip(*skip, wishes);
  }
  if (const auto compression = data.find("compression"); read && compression != data.end()) {
    read = read_compression(*compression, wishes);
  }
  if (!read) {
    return tl::unexpected(std::move(read).error());
  }
  if (!wishes.profile && !wishes.automatic && !wishes.has_skip && !wishes.compression) {
    return refuse("set_quality needs profile, auto, frame_skip or compression in its data.");
  }
  return wishes;
}

}  // namespace

SessionQuality::SessionQuality(const QualitySettings& settings, Governor& governor,
                               std::uint64_t session_number, base::SteadyTime now)
    : governor_(governor),
      number_(session_number),
      is_fast_(settings.is_fast),
      controller_(settings.controller, now),
      advisor_(settings.max_fps, now),
      compression_(settings.compression) {
  obey(now);
}

pipeline::FrameQuality SessionQuality::for_frame() const {
  const adapt::Quality& quality = controller_.quality();
  pipeline::FrameQuality out;
  out.is_fast = is_fast_;
  out.pace = pace_of(quality.profile, quality.frame_skip);
  out.encode = {.strategy = compression_, .max_quality = quality.jpeg_quality};
  out.resolution_scale = quality.resolution_scale;
  return out;
}

void SessionQuality::on_result(const pipeline::FrameResult& result) {
  // Until everything that there is to see is found and followed.
  constexpr std::uint32_t kFirstResults = 40;
  governor_.report({.profile = profile_of(result.quality.pace),
                    .contended = result.times.contended,
                    .service = service_time(result.times),
                    .is_first = results_ < kFirstResults,
                    .dropped = result.replaced + result.expired});
  results_ = std::min(results_ + 1, kFirstResults);
}

void SessionQuality::on_sent(const pipeline::FrameResult& result, bool backlog,
                             std::uint32_t dropped, base::SteadyTime now) {
  last_age_ = std::chrono::duration_cast<std::chrono::microseconds>(now - result.received);
  obey(now);
  controller_.on_answer({.age = last_age_,
                         .queue = result.times.queue,
                         .service = service_time(result.times),
                         .dropped = dropped,
                         .backlog = backlog,
                         .has_picture = !result.picture.empty(),
                         .bytes = result.picture.size()},
                        now);
  advisor_.on_answer(dropped, now);
}

void SessionQuality::obey(base::SteadyTime now) {
  const Governor::Orders orders = governor_.orders_for(number_);
  if (std::exchange(settings_edition_, orders.settings_edition) != orders.settings_edition) {
    take(governor_.quality(), now);
  }
  if (orders.edition != edition_) {
    edition_ = orders.edition;
    if (orders.profile) {
      controller_.pin(*orders.profile, adapt::Reason::kOperator, now);
    } else if (is_pinned_for_all_ && ordered_profile_) {
      controller_.pin(*ordered_profile_, adapt::Reason::kOperator, now);
    } else if (is_pinned_for_all_) {
      controller_.set_auto(now);
    }
    is_pinned_for_all_ = orders.profile.has_value();
    controller_.set_skip(orders.frame_skip ? orders.frame_skip : skip_of_its_own());
  }
  if (std::exchange(eased_, orders.eased) != orders.eased) controller_.on_eased();
  controller_.on_ceiling(orders.ceiling, orders.reason, now);
  advisor_.set_range(
      controller_.network_bound() ? adapt::FrameRateAdvisor::kMinFps : orders.fps_floor,
      orders.fps_cap);
  controller_.set_excess(advisor_.sent() / orders.fps_cap);
}

void SessionQuality::take(const QualitySettings& settings, base::SteadyTime now) {
  is_fast_ = settings.is_fast;
  controller_.set_options(settings.controller, now);
  if (!has_own_compression_) compression_ = settings.compression;
}

std::optional<int> SessionQuality::skip_of_its_own() const noexcept {
  return ordered_skip_ ? ordered_skip_ : own_skip_;
}

base::Result<void> SessionQuality::order_profile(std::optional<adapt::Profile> profile,
                                                 base::SteadyTime now) {
  if (const auto orders = governor_.orders_for(number_); orders.profile) {
    return refuse(fmt::format("The profile {} is set for everybody; take that back first.",
                              adapt::profile_name(*orders.profile)));
  }
  ordered_profile_ = profile;
  if (profile) {
    controller_.pin(*profile, adapt::Reason::kOperator, now);
  } else {
    controller_.set_auto(now);
  }
  return {};
}

base::Result<void> SessionQuality::order_skip(std::optional<int> frame_skip) {
  if (const auto orders = governor_.orders_for(number_); orders.frame_skip) {
    return refuse(fmt::format("frame_skip {} is set for everybody; take that back first.",
                              *orders.frame_skip));
  }
  ordered_skip_ = frame_skip;
  controller_.set_skip(skip_of_its_own());
  return {};
}

void SessionQuality::on_client_latency(std::chrono::microseconds latency, base::SteadyTime now) {
  if (latency > last_age_ && last_age_.count() > 0) {
    on_client_report(latency - last_age_, std::nullopt, now);
  }
}

void SessionQuality::on_client_report(std::optional<std::chrono::microseconds> latency,
                                      std::optional<double> throughput, base::SteadyTime now) {
  if (latency || throughput) {
    controller_.on_report({.network_latency = latency, .throughput = throughput}, now);
  }
}

base::Result<void> SessionQuality::apply(const json& wishes, base::SteadyTime now) {
  auto read = read_wishes(wishes);
  if (!read) {
    return tl::unexpected(std::move(read).error());
  }
  const Governor::Orders orders = governor_.orders_for(number_);
  if (orders.profile && (read->profile || read->automatic)) {
    return refuse(fmt::format("The operator of this server has set the profile {} for everybody.",
                              adapt::profile_name(*orders.profile)));
  }
  if (orders.frame_skip && read->has_skip) {
    return refuse(fmt::format("The operator of this server has set frame_skip {} for everybody.",
                              *orders.frame_skip));
  }
  if ((ordered_profile_ && (read->profile || read->automatic)) ||
      (ordered_skip_ && read->has_skip)) {
    return refuse("The operator of this server has set this for you.");
  }
  if (read->profile) {
    controller_.pin(*read->profile, adapt::Reason::kClient, now);
  } else if (read->automatic) {
    controller_.set_auto(now);
  }
  if (read->has_skip) {
    own_skip_ = read->skip;
    controller_.set_skip(own_skip_);
  }
  has_own_compression_ = has_own_compression_ || read->compression.has_value();
  compression_ = read->compression.value_or(compression_);
  return {};
}

json SessionQuality::wishes() const {
  const adapt::Quality& quality = controller_.quality();
  // Only what it has wished: elsewhere the settings may be others.
  json out = json::object();
  if (has_own_compression_) out["compression"] = codec::strategy_name(compression_);
  if (!quality.is_auto && quality.reason == adapt::Reason::kClient) {
    out["profile"] = adapt::profile_name(quality.profile);
  }
  if (own_skip_) out["frame_skip"] = *own_skip_;
  return out;
}

json SessionQuality::describe() const {
  const adapt::Quality& quality = controller_.quality();
  return {{"success", true},
          {"profile", adapt::profile_name(quality.profile)},
          {"auto", quality.is_auto},
          {"reason", adapt::reason_name(quality.reason)},
          {"frame_skip", quality.frame_skip},
          {"jpeg_quality", current().jpeg_quality},
          {"resolution_scale", quality.resolution_scale},
          {"compression", codec::strategy_name(compression_)}};
}

wire::CurrentQuality SessionQuality::current() const {
  const adapt::Quality& quality = controller_.quality();
  return {.profile = adapt::profile_name(quality.profile),
          .jpeg_quality = std::min(codec::strategy_quality(compression_), quality.jpeg_quality),
          .resolution_scale = quality.resolution_scale,
          .frame_skip = quality.frame_skip,
          .frame_rate = static_cast<double>(advisor_.advice())};
}

}  // namespace storysign::session
