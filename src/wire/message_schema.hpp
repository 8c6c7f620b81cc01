#pragma once

#include <string_view>

namespace storysign::wire {

/// JSON schema (2020-12) of the text messages on /ws/video, for authors of clients: one definition
/// a message under `$defs`, the whole being any message in either direction. Tests hold real
/// messages of the server against it.
[[nodiscard]] std::string_view message_schema() noexcept;

}  // namespace storysign::wire
