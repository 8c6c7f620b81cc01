#pragma once

#include "base/pool.hpp"

#include <simdjson.h>

#include <cstddef>
#include <memory>

/// Only for the .cpp files of this room: simdjson stays inside it.
namespace storysign::wire {

inline constexpr std::size_t kMaxJsonDepth = 32;

/// simdjson's DOM parser with limits. What it returns points into it and is valid until the next
/// parse. One thread.
class JsonParser {
 public:
  /// `text` grows while this runs, because simdjson reads whole vectors beyond the end, and has its
  /// size and content back afterwards.
  [[nodiscard]] simdjson::error_code parse(base::Bytes& text, simdjson::dom::element& root);

  /// Gives the memory back if the message was a large one.
  void forget_large(std::size_t message_bytes) noexcept;

 private:
  std::unique_ptr<simdjson::dom::parser> parser_;
};

/// The parser of the calling thread.
[[nodiscard]] JsonParser& thread_parser();

}  // namespace storysign::wire
