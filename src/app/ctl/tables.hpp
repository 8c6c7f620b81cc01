#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace storysign::app {

// What people read of the answers of the admin listener. Fields that an answer lacks are shown as
// "-", so that a ctl speaks to a server of another version as well. Any thread.

[[nodiscard]] std::string status_text(const nlohmann::json& overview);
[[nodiscard]] std::string sessions_text(const nlohmann::json& sessions);
[[nodiscard]] std::string alerts_text(const nlohmann::json& alerts);
[[nodiscard]] std::string levels_text(const nlohmann::json& levels);
[[nodiscard]] std::string reload_text(const nlohmann::json& reload);

}  // namespace storysign::app
