#include "wire/client_message.hpp"

#include "wire/base64.hpp"
#include "wire/json_parser.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

namespace storysign::wire {
namespace {

namespace dom = simdjson::dom;

/// Every look-up walks the fields, so a client may not make that long.
constexpr std::size_t kMaxFields = 256;
/// A control message becomes a tree, which costs much more than its text.
constexpr std::size_t kMaxControlBytes = 64UL * 1024;
/// A frame is one long string with a few fields. Parsing 2 MiB of anything else takes 11 ms, which
/// is long on a thread that others wait for; counting commas takes 0.1 ms.
constexpr std::ptrdiff_t kMaxCommasOfLong = 1024;

std::string cut(std::string_view text) {
  std::size_t size = text.size();
  if (size > kMaxEchoBytes) {
    size = kMaxEchoBytes;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  }
  return std::string(text.substr(0, size));
}

/// Reads the fields of one object. The first thing that is wrong stays as the error; what is read
/// after it means nothing.
class Fields {
 public:
  /// `prefix` stands before a field's name in a sentence: "metadata.".
  Fields(dom::object object, std::string_view prefix) : object_(object), prefix_(prefix) {}

  /// The field, if it is there and not null.
  std::optional<dom::element> find(std::string_view name) const {
    dom::element found;
    if (object_.at_key(name).get(found) != simdjson::SUCCESS || found.is_null()) {
      return std::nullopt;
    }
    return found;
  }

  std::optional<std::string_view> text(std::string_view name) {
    const auto found = find(name);
    std::string_view value;
    if (!found) return std::nullopt;
    if (found->get_string().get(value) == simdjson::SUCCESS) return value;
    refuse(name, "a string");
    return std::nullopt;
  }

  bool flag(std::string_view name) {
    const auto found = find(name);
    bool value = false;
    if (found && found->get_bool().get(value) != simdjson::SUCCESS) refuse(name, "true or false");
    return value;
  }

  std::uint32_t whole(std::string_view name, std::uint32_t largest) {
    const auto found = find(name);
    std::uint64_t value = 0;
    if (found && (found->get_uint64().get(value) != simdjson::SUCCESS || value > largest)) {
      refuse(name, fmt::format("a whole number from 0 to {}", largest));
      return 0;
    }
    return static_cast<std::uint32_t>(value);
  }

  /// A number from 0 to `largest`.
  std::optional<double> number(std::string_view name, double largest) {
    const auto found = find(name);
    if (!found) return std::nullopt;
    double value = 0.0;
    if (found->get_double().get(value) != simdjson::SUCCESS ||
        !(value >= 0.0 && value <= largest)) {
      refuse(name, fmt::format("a number from 0 to {}", largest));
      return std::nullopt;
    }
    return value;
  }

  /// An object with no more fields than any message needs; nothing if it is absent.
  std::optional<dom::object> object(std::string_view name) {
    const auto found = find(name);
    if (!found) return std::nullopt;
    dom::object value;
    if (found->get_object().get(value) == simdjson::SUCCESS && value.size() <= kMaxFields) {
      return value;
    }
    refuse(name, fmt::format("an object of at most {} fields", kMaxFields));
    return std::nullopt;
  }

  void refuse(std::string_view name, std::string_view expected) {
    if (error_.empty()) error_ = fmt::format("The field {}{} must be {}.", prefix_, name, expected);
  }

  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  dom::object object_;
  std::string_view prefix_;
  std::string error_;
};

nlohmann::json to_tree(const dom::element& element);

nlohmann::json to_tree(const dom::object& object) {
  nlohmann::json tree = nlohmann::json::object();
  for (const auto& field : object) {
    std::string name(field.key);
    if (!tree.contains(name)) tree.emplace(std::move(name), to_tree(field.value));
  }
  return tree;
}

nlohmann::json to_tree(const dom::array& array) {
  nlohmann::json tree = nlohmann::json::array();
  for (const dom::element& element : array) tree.push_back(to_tree(element));
  return tree;
}

/// As deep as kMaxJsonDepth at most, because the parser refuses more. Types are asked for before
/// they are taken, so no accessor throws.
nlohmann::json to_tree(const dom::element& element) {
  switch (element.type()) {
    case dom::element_type::OBJECT:
      return to_tree(dom::object(element));
    case dom::element_type::ARRAY:
      return to_tree(dom::array(element));
    case dom::element_type::STRING:
      return std::string(std::string_view(element));
    case dom::element_type::INT64:
      return std::int64_t(element);
    case dom::element_type::UINT64:
      return std::uint64_t(element);
    case dom::element_type::DOUBLE:
      return double(element);
    case dom::element_type::BOOL:
      return bool(element);
    case dom::element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

AnswerMode answer_mode(Fields& message) {
  const std::string_view mode = message.text("answer_mode").value_or("annotated");
  if (mode == "landmarks") return AnswerMode::kLandmarks;
  if (mode == "both") return AnswerMode::kBoth;
  if (mode != "annotated") {
    message.refuse("answer_mode", "\"annotated\", \"landmarks\" or \"both\"");
  }
  return AnswerMode::kAnnotated;
}

/// What is wrong with the metadata; empty if nothing.
std::string read_metadata(dom::object object, RawFrame& frame) {
  constexpr double kLongestMs = 600000.0;
  constexpr std::uint32_t kLargestSide = 65535;
  Fields metadata(object, "metadata.");
  frame.frame_number = metadata.whole("frame_number", std::numeric_limits<std::uint32_t>::max());
  frame.width = static_cast<int>(metadata.whole("width", kLargestSide));
  frame.height = static_cast<int>(metadata.whole("height", kLargestSide));
  static_cast<void>(metadata.text("client_id"));
  frame.report.network_latency_ms = metadata.number("network_latency_ms", kLongestMs);
  frame.report.throughput_mbps = metadata.number("throughput_mbps", 1e6);
  frame.report.adaptive_fps = metadata.number("adaptive_fps", 1000.0);
  frame.report.processing_capability = metadata.number("processing_capability", 1.0);
  frame.report.quality = metadata.number("quality", 1.0);
  frame.report.processing_time_ms = metadata.number("processing_time_ms", kLongestMs);
  return metadata.error();
}

ClientMessage read_raw_frame(Fields& message, base::Bytes& out) {
  RawFrame frame;
  frame.answer_mode = answer_mode(message);
  frame.face_mesh = message.flag("face_mesh");
  frame.every_frame = message.flag("every_frame");
  const auto data = message.text("frame_data");
  const auto metadata = message.object("metadata");
  if (!message.error().empty()) return InvalidStructure{message.error()};
  if (metadata) {
    if (std::string wrong = read_metadata(*metadata, frame); !wrong.empty()) {
      return InvalidStructure{std::move(wrong)};
    }
  }
  if (!data || data->empty()) return RawFrameWithoutData{frame.frame_number};
  const auto base64 = strip_data_url(*data);
  if (!base64) {
    return BadFrameData{"the data URL is not one of image/jpeg in base64", frame.frame_number};
  }
  if (base64->empty()) return RawFrameWithoutData{frame.frame_number};
  if (const auto decoded = decode_base64(*base64, out); !decoded) {
    return BadFrameData{describe(decoded.error()), frame.frame_number};
  }
  return frame;
}

ClientMessage read_control(Fields& message, std::size_t size) {
  if (size > kMaxControlBytes) {
    return InvalidStructure{
        fmt::format("A control message may have at most {} bytes.", kMaxControlBytes)};
  }
  Control control;
  control.action = cut(message.text("action").value_or("unknown"));
  const auto data = message.object("data");
  if (!message.error().empty()) return InvalidStructure{message.error()};
  control.data = data ? to_tree(*data) : nlohmann::json::object();
  return control;
}

ClientMessage read_message(dom::object object, std::size_t size, base::Bytes& frame) {
  if (object.size() > kMaxFields) {
    return InvalidStructure{fmt::format("A message may have at most {} fields.", kMaxFields)};
  }
  Fields message(object, "");
  const auto type = message.text("type");
  if (!message.error().empty()) return InvalidStructure{message.error()};
  if (type == "raw_frame") return read_raw_frame(message, frame);
  if (type == "control") return read_control(message, size);
  if (type == "ping") return Ping{};
  if (type == "get_stats") return GetStats{};
  return Unknown{type ? cut(*type) : "unknown"};
}

}  // namespace

ClientMessage parse_client_message(base::Bytes& text, base::Bytes& frame) {
  frame.clear();
  if (text.size() > kMaxControlBytes &&
      std::count(text.begin(), text.end(), std::uint8_t{','}) > kMaxCommasOfLong) {
    return InvalidStructure{
        fmt::format("A message of more than {} bytes may have at most {} commas.", kMaxControlBytes,
                    kMaxCommasOfLong)};
  }
  JsonParser& parser = thread_parser();
  ClientMessage message = InvalidJson{};
  dom::element root;
  dom::object object;
  if (parser.parse(text, root) == simdjson::SUCCESS &&
      root.get_object().get(object) == simdjson::SUCCESS) {
    message = read_message(object, text.size(), frame);
  }
  parser.forget_large(text.size());
  return message;
}

}  // namespace storysign::wire
