#pragma once

#include <string>
#include <string_view>

namespace storysign::wire {

/// Appends `text` as a JSON string with its quotes. Quotes, backslashes and control characters are
/// escaped; every byte that is not part of well-formed UTF-8 (RFC 3629) becomes U+FFFD, because
/// a text message with such a byte makes the client close the connection. Any thread.
void append_json_string(std::string_view text, std::string& out);

/// Appends a number with so many decimals; null for infinities and NaN, which JSON has not.
void append_json_number(double value, int decimals, std::string& out);

/// Appends a coordinate with 5 decimals: 0 for NaN, clamped to +-10,000. Several times faster than
/// append_json_number(), and a face has 1434 of them.
void append_coordinate(float value, std::string& out);

}  // namespace storysign::wire
