#include "session/refusal.hpp"

#include <fmt/format.h>

#include <utility>

namespace storysign::session {
namespace {

constexpr std::uint16_t kTryAgainLater = 1013;

}  // namespace

Refusal::Refusal(Context& context, const Client& client, const std::string& why)
    : text_(context.texts.take()), closing_(Closing{kTryAgainLater, "SERVER_FULL"}) {
  wire::write_critical_error(context.wall_now(), fmt::format("client_{}", client.number),
                             wire::ErrorCode::kServerFull, why, *text_);
}

std::optional<Output> Refusal::next(base::SteadyTime /*now*/) {
  if (!text_) {
    return std::nullopt;
  }
  Output out;
  out.text = std::move(text_);
  return out;
}

}  // namespace storysign::session
