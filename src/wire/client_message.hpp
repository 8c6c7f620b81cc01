#pragma once

#include "base/pool.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace storysign::wire {

/// What a client wants back for a frame (JSON: "answer_mode").
enum class AnswerMode : std::uint8_t { kAnnotated, kLandmarks, kBoth };

/// What a client says about itself in the metadata of a frame; each value only if it was given.
struct ClientReport {
  std::optional<double> network_latency_ms;     ///< 0 to 600,000.
  std::optional<double> throughput_mbps;        ///< 0 to 1,000,000.
  std::optional<double> adaptive_fps;           ///< 0 to 1000.
  std::optional<double> processing_capability;  ///< 0 to 1.
  std::optional<double> quality;                ///< 0 to 1.
  std::optional<double> processing_time_ms;     ///< 0 to 600,000.

  friend bool operator==(const ClientReport&, const ClientReport&) = default;
};

/// `raw_frame` with a picture; its bytes are in the buffer given to parse_client_message().
struct RawFrame {
  std::uint32_t frame_number = 0;  ///< 0 if not given.
  int width = 0;                   ///< Pixels as declared, up to 65535; 0: not said.
  int height = 0;
  AnswerMode answer_mode = AnswerMode::kAnnotated;
  bool face_mesh = false;
  bool every_frame = false;
  ClientReport report;
};

/// `raw_frame` whose frame_data is missing, null or empty.
struct RawFrameWithoutData {
  std::uint32_t frame_number = 0;
};

/// `raw_frame` whose frame_data is neither base64 nor a data URL of a JPEG.
struct BadFrameData {
  std::string reason;  ///< A clause: "character 17 of the base64 text is not base64".
  std::uint32_t frame_number = 0;
};

struct Control {
  std::string action;   ///< "unknown" if absent; cut at kMaxEchoBytes.
  nlohmann::json data;  ///< An object; empty if absent or null.
};

struct Ping {};
struct GetStats {};

/// Any other type.
struct Unknown {
  std::string type;  ///< "unknown" if absent or null; cut at kMaxEchoBytes.
};

/// Not JSON (RFC 8259, UTF-8), nested deeper than 32, or not an object.
struct InvalidJson {};

/// JSON, but a field has the wrong type or a value out of its range.
struct InvalidStructure {
  std::string what;  ///< A sentence that names the field.
};

using ClientMessage = std::variant<RawFrame, RawFrameWithoutData, BadFrameData, Control, Ping,
                                   GetStats, Unknown, InvalidJson, InvalidStructure>;

/// Words of a client that come back to it are cut to so many bytes, at a character's border.
inline constexpr std::size_t kMaxEchoBytes = 64;

/// Parses one text message of a client. `text` is grown by some bytes while this runs and has its
/// content and size back afterwards. The picture of a RawFrame is decoded into `frame`, whose
/// content is replaced. A message above 64 KiB with more than 1024 commas is refused unparsed, for
/// no frame has them. Fields that the protocol does not name are ignored, a field that is null
/// counts as absent (JavaScript writes NaN so), and of a field given twice the first counts. Any
/// thread; memory for parsing is kept by thread, but not that of messages above 256 KiB.
[[nodiscard]] ClientMessage parse_client_message(base::Bytes& text, base::Bytes& frame);

}  // namespace storysign::wire
