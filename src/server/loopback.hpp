#pragma once

#include "base/result.hpp"

#include <string>

namespace storysign::server {

/// Whether everything that `host` (a name or an address) stands for reaches this machine only.
/// Fails with kInvalidInput if it has no address. Any thread; asks the resolver, so it may take a
/// moment.
[[nodiscard]] base::Result<bool> is_loopback(const std::string& host);

}  // namespace storysign::server
