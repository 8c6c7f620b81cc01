#include "app/serve/admin_sessions.hpp"

#include "adapt/profile.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace storysign::app {
namespace {

using nlohmann::json;
using server::AdminRequest;
using server::AdminResponse;
using session::OperatorOrder;

constexpr int kMaxFrameSkip = 30;
constexpr std::size_t kLongestReason = 120;  // Of a close frame, 123 bytes.
// A session's strand takes an order at once, unless it is writing a large answer just now.
constexpr std::chrono::seconds kPatience{2};

json milliseconds(std::optional<std::chrono::microseconds> time) {
  return time ? json(std::chrono::duration<double, std::milli>(*time).count()) : json(nullptr);
}

json describe(const session::SessionView& view, base::SteadyTime now) {
  const auto& client = view.client;
  return {{"number", client.number},
          {"client_id", "client_" + std::to_string(client.number)},
          {"address", client.address},
          {"account", client.account.empty() ? json(nullptr) : json(client.account)},
          {"protocol", client.is_binary ? "storysign.v1" : "json"},
          {"connected_seconds", std::chrono::duration<double>(now - view.connected).count()},
          {"place", view.at_home ? "home" : "server"},
          {"profile", adapt::profile_name(view.profile)},
          {"reason", adapt::reason_name(view.reason)},
          {"auto", view.is_auto},
          {"frame_skip", view.frame_skip},
          {"jpeg_quality", view.jpeg_quality},
          {"resolution_scale", view.resolution_scale},
          {"compression", view.compression},
          {"advised_fps", view.advised_fps},
          {"sent_fps", view.sent_fps},
          {"latency_ms",
           {{"last", milliseconds(view.last_latency)}, {"mean", milliseconds(view.mean_latency)}}},
          {"frames",
           {{"answered", view.answered},
            {"inferred", view.inferred},
            {"replaced", view.replaced},
            {"expired", view.expired}}}};
}

/// What the body says, or the answer that refuses it.
template <class T>
using Read = tl::expected<T, AdminResponse>;

tl::unexpected<AdminResponse> refuse(std::string_view sentence) {
  return tl::unexpected(AdminResponse::error(400, sentence));
}

Read<std::optional<adapt::Profile>> read_profile(const json& fields) {
  const auto found = fields.find("profile");
  const std::string name =
      found != fields.end() && found->is_string() ? found->get<std::string>() : std::string();
  const auto profile = adapt::parse_profile(name);
  if (!profile && name != "auto") {
    return refuse(
        "profile must be auto, high_quality, balanced, high_performance or ultra_performance.");
  }
  return profile;
}

Read<std::optional<int>> read_skip(const json& fields) {
  const auto found = fields.find("frame_skip");
  if (found != fields.end() && found->is_null()) return std::nullopt;
  if (found == fields.end() || !found->is_number_integer() || *found < 0 ||
      *found > kMaxFrameSkip) {
    return refuse("frame_skip must be a whole number from 0 to 30, or null for the profile's.");
  }
  return found->get<int>();
}

Read<std::string> read_reason(const json& fields) {
  const auto found = fields.find("reason");
  if (found == fields.end()) return "Closed by the operator.";
  if (!found->is_string() || found->get_ref<const std::string&>().size() > kLongestReason) {
    return refuse("reason must be a text of at most 120 bytes.");
  }
  return found->get<std::string>();
}

/// Gives one session an order and waits until it has taken it.
AdminResponse send(session::LiveSessions& live, const AdminRequest& request, OperatorOrder order,
                   json done) {
  const std::string& text = request.path[0];
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    return AdminResponse::error(404,
                                "A session is named by its number, as /api/sessions lists it.");
  }
  auto outcome = live.send(number, std::move(order));
  if (outcome.wait_for(kPatience) != std::future_status::ready) {
    return AdminResponse::error(
        504, "The session has not taken the order yet; look at /api/sessions in a moment.");
  }
  if (const auto taken = outcome.get(); !taken) {
    const bool gone = taken.error().code == base::ErrorCode::kNotFound;
    return AdminResponse::error(gone ? 404 : 409, taken.error().message);
  }
  done["ok"] = true;
  done["number"] = number;
  return AdminResponse::json(done);
}

}  // namespace

void add_session_routes(server::AdminRoutes& routes, session::LiveSessions& live,
                        session::Governor& governor, base::SteadyTime (*now)() noexcept) {
  routes.add({.method = "GET",
              .pattern = "/api/sessions",
              .fields = {},
              .handler = [&live, now](const AdminRequest& /*request*/) {
                json out = json::array();
                for (const auto& view : live.list()) out.push_back(describe(view, now()));
                return AdminResponse::json({{"sessions", out}});
              }});
  routes.add({.method = "POST",
              .pattern = "/api/sessions/{}/profile",
              .fields = {"profile"},
              .handler = [&live](const AdminRequest& request) {
                const auto profile = read_profile(request.fields);
                if (!profile) return profile.error();
                return send(live, request,
                            {.kind = OperatorOrder::Kind::kProfile,
                             .profile = *profile,
                             .frame_skip = {},
                             .reason = {}},
                            {{"profile", request.fields["profile"]}});
              }});
  routes.add({.method = "POST",
              .pattern = "/api/sessions/{}/skip",
              .fields = {"frame_skip"},
              .handler = [&live](const AdminRequest& request) {
                const auto skip = read_skip(request.fields);
                if (!skip) return skip.error();
                return send(live, request,
                            {.kind = OperatorOrder::Kind::kFrameSkip,
                             .profile = {},
                             .frame_skip = *skip,
                             .reason = {}},
                            {{"frame_skip", request.fields["frame_skip"]}});
              }});
  routes.add({.method = "POST",
              .pattern = "/api/sessions/{}/kick",
              .fields = {"reason"},
              .handler = [&live](const AdminRequest& request) {
                const auto reason = read_reason(request.fields);
                if (!reason) return reason.error();
                return send(live, request,
                            {.kind = OperatorOrder::Kind::kKick,
                             .profile = {},
                             .frame_skip = {},
                             .reason = *reason},
                            json::object());
              }});
  routes.add({.method = "POST",
              .pattern = "/api/profile",
              .fields = {"profile"},
              .handler = [&governor](const AdminRequest& request) {
                const auto profile = read_profile(request.fields);
                if (!profile) return profile.error();
                governor.set_profile(*profile);
                return AdminResponse::json({{"ok", true}, {"profile", request.fields["profile"]}});
              }});
  routes.add({.method = "POST",
              .pattern = "/api/skip",
              .fields = {"frame_skip"},
              .handler = [&governor](const AdminRequest& request) {
                const auto skip = read_skip(request.fields);
                if (!skip) return skip.error();
                governor.set_frame_skip(*skip);
                return AdminResponse::json(
                    {{"ok", true}, {"frame_skip", request.fields["frame_skip"]}});
              }});
}

}  // namespace storysign::app
