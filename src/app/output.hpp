#pragma once

#include <string_view>

namespace storysign::app {

/// Exit codes of the program.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;    ///< It could not be done, or something was found wrong.
inline constexpr int kExitBadInput = 2;  ///< What the user gave is wrong: a file, a value, a flag.

/// Writes `text` to standard output, to the last byte. Returns kExitOk, or kExitFailed after one
/// sentence on standard error, as when the disk behind a redirection is full.
[[nodiscard]] int write_stdout(std::string_view text);

/// Writes "storysign: ", the sentence and an end of line to standard error.
void write_error(std::string_view sentence);

}  // namespace storysign::app
