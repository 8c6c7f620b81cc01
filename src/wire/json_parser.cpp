#include "wire/json_parser.hpp"

#include <utility>

namespace storysign::wire {
namespace {

constexpr std::size_t kStartCapacity = 64UL * 1024;
constexpr std::size_t kLargestKept = 256UL * 1024;

}  // namespace

simdjson::error_code JsonParser::parse(base::Bytes& text, simdjson::dom::element& root) {
  if (parser_ == nullptr) {
    auto parser = std::make_unique<simdjson::dom::parser>();
    if (const auto error = parser->allocate(kStartCapacity, kMaxJsonDepth)) return error;
    parser_ = std::move(parser);
  }
  const std::size_t size = text.size();
  text.resize(size + simdjson::SIMDJSON_PADDING);
  const auto error = parser_->parse(text.data(), size, false).get(root);
  text.resize(size);
  return error;
}

void JsonParser::forget_large(std::size_t message_bytes) noexcept {
  if (message_bytes > kLargestKept) parser_.reset();
}

JsonParser& thread_parser() {
  thread_local JsonParser parser;
  return parser;
}

}  // namespace storysign::wire
