#pragma once

#include "base/result.hpp"

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace storysign::auth {

/// What kind of refusal it is, for whoever turns it into an answer.
enum class Fault : std::uint8_t {
  kInvalid,      ///< What was asked is wrong in itself.
  kWrong,        ///< Name and password do not belong together.
  kForbidden,    ///< The role may not.
  kNotFound,     ///< There is no such account.
  kTooMany,      ///< Too many tries; see retry_after.
  kUnavailable,  ///< The store or the hasher cannot take it now.
  kFailed,       ///< A defect or a failing disk.
};

struct Failure {
  Fault fault = Fault::kFailed;
  std::string sentence;
  std::chrono::seconds retry_after{};
};

template <class T>
using Outcome = tl::expected<T, Failure>;

inline tl::unexpected<Failure> refuse(Fault fault, std::string sentence) {
  return tl::unexpected<Failure>(
      Failure{.fault = fault, .sentence = std::move(sentence), .retry_after = {}});
}

/// A failure of the store as one of these. Only sentences about the data go on to a client.
inline tl::unexpected<Failure> store_failure(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kInvalidInput:
      return refuse(Fault::kInvalid, error.message);
    case base::ErrorCode::kNotFound:
      return refuse(Fault::kNotFound, error.message);
    case base::ErrorCode::kUnavailable:
      return refuse(Fault::kUnavailable, "The store cannot be reached now; try again in a moment.");
    default:
      return refuse(Fault::kFailed, "The store failed; the server's log says more.");
  }
}

}  // namespace storysign::auth
