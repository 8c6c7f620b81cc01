#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace storysign::base {

/// What kind of failure it was, for a caller that acts on it; the message is for a person.
enum class ErrorCode : std::uint8_t {
  kInvalidInput,  ///< What was handed in is wrong: a file, a value, an option.
  kNotFound,      ///< A file or name that does not exist.
  kUnsupported,   ///< Well-formed, but this build or machine cannot do it.
  kIo,            ///< Reading or writing failed: permissions, a full disk.
  kUnavailable,   ///< A resource is not there now: a device, a port.
  kCancelled,     ///< Stopped on request.
  kInternal,      ///< A defect or a failing library.
};

/// An expected failure: one sentence that says what was wrong, where, and what to do.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

/// Shorthand for returning a failure from a function that returns Result<T>.
inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace storysign::base
