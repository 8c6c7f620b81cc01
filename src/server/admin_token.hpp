#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace storysign::server {

// The secret that operators show to the admin listener: one line in a file that only its owner may
// read. Any thread.

/// Reads the token. Fails with kNotFound if there is no such file, kInvalidInput if others than its
/// owner may read or write it or what it holds is no token, kIo if it cannot be read.
[[nodiscard]] base::Result<std::string> read_admin_token(const std::filesystem::path& file);

/// The same; if there is no such file it is made, with mode 0600 and 32 random bytes in hex. The
/// folder must exist.
[[nodiscard]] base::Result<std::string> read_or_make_admin_token(const std::filesystem::path& file);

/// Whether the value of an Authorization header shows `token` ("Bearer TOKEN"). Takes as long
/// whatever part of it is right.
[[nodiscard]] bool shows_token(std::string_view authorization, std::string_view token) noexcept;

}  // namespace storysign::server
