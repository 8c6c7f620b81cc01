#include "practice/sign_code.hpp"
#include "practice/sign_model.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <utility>

namespace storysign::practice {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::size_t kLongestGloss = 64;
constexpr std::size_t kMostExamples = 32;

tl::unexpected<base::Error> wrong(std::string_view what) {
  return base::fail(base::ErrorCode::kInvalidInput,
                    fmt::format("this is no stored sign: {}; record the sign again", what));
}

/// The text under `key`, or nothing where there is none or it is longer than `longest`.
std::optional<std::string> text_of(const json& document, const char* key, std::size_t longest) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  return text.size() <= longest ? std::optional(text) : std::nullopt;
}

std::optional<float> share_of(const json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_number()) return std::nullopt;
  const auto value = found->get<double>();
  return value > 0.0 && value <= 1.0 ? std::optional(static_cast<float>(value)) : std::nullopt;
}

base::Result<NonManual> non_manual_of(const json& document) {
  const auto found = document.find("non_manual");
  if (found == document.end() || !found->is_object()) return wrong("\"non_manual\" is no object");
  NonManual out;
  for (const auto& [key, target] : {std::pair{"eyebrows", &out.eyebrows},
                                    std::pair{"mouth", &out.mouth}, std::pair{"head", &out.head}}) {
    auto text = text_of(*found, key, 16);
    if (!text) return wrong(fmt::format("\"{}\" of \"non_manual\" is no word", key));
    *target = std::move(*text);
  }
  if (const auto sentence = wrong_word(out)) return wrong(*sentence);
  return out;
}

base::Result<Thresholds> thresholds_of(const json& document) {
  const auto found = document.find("thresholds");
  if (found == document.end() || !found->is_object()) return wrong("\"thresholds\" is no object");
  const auto distance = share_of(*found, "distance");
  const auto shape = share_of(*found, "handshape");
  const auto location = share_of(*found, "location");
  const auto movement = share_of(*found, "movement");
  if (!distance || !shape || !location || !movement) {
    return wrong("one of \"thresholds\" is not above 0 and at most 1");
  }
  return Thresholds{.distance = *distance,
                    .channels = {.shape = *shape, .location = *location, .movement = *movement}};
}

base::Result<Clip> example_of(const json& document) {
  if (!document.is_object()) return wrong("an example is no object");
  const auto frames = document.find("frames");
  const auto depth = document.find("depth");
  const auto data = document.find("data");
  if (frames == document.end() || !frames->is_number_integer() || frames->get<double>() < 1.0 ||
      frames->get<double>() > static_cast<double>(kLongestClip.count() * kClipRate)) {
    return wrong(
        fmt::format("\"frames\" of an example is not 1 to {}", kLongestClip.count() * kClipRate));
  }
  if (depth == document.end() || !depth->is_boolean()) {
    return wrong("\"depth\" of an example is not true or false");
  }
  if (data == document.end() || !data->is_string()) {
    return wrong("\"data\" of an example is no text");
  }
  auto bytes = from_base64(data->get_ref<const std::string&>());
  if (!bytes) return wrong(bytes.error().message);
  Clip clip;
  clip.has_depth = depth->get<bool>();
  auto decoded = decode_frames(*bytes, frames->get<std::size_t>(), clip.has_depth);
  if (!decoded) return wrong(decoded.error().message);
  clip.frames = std::move(*decoded);
  find_used_hands(clip);
  if (!clip.used[kRightHand] && !clip.used[kLeftHand]) {
    return wrong("no hand is raised in an example");
  }
  return clip;
}

}  // namespace

std::optional<std::string> wrong_word(const NonManual& asked) {
  const auto is = [](const std::string& word, std::string_view a, std::string_view b) {
    return word.empty() || word == a || word == b;
  };
  if (!is(asked.eyebrows, "raised", "lowered")) {
    return "\"eyebrows\" is not empty, \"raised\" or \"lowered\"";
  }
  if (!is(asked.mouth, "open", "closed")) return "\"mouth\" is not empty, \"open\" or \"closed\"";
  if (!is(asked.head, "shake", "nod")) return "\"head\" is not empty, \"shake\" or \"nod\"";
  return std::nullopt;
}

json to_json(const SignReference& sign) {
  const SignModel& model = sign.model();
  json examples = json::array();
  for (const SignExample& example : model.examples) {
    examples.push_back({{"frames", example.clip.frames.size()},
                        {"depth", example.clip.has_depth},
                        {"data", to_base64(encode_frames(example.clip))}});
  }
  const auto rounded = [](float value) { return std::round(value * 1e4) / 1e4; };
  return {{"version", kVersion},
          {"gloss", model.gloss},
          {"source", model.source},
          {"non_manual",
           {{"eyebrows", model.non_manual.eyebrows},
            {"mouth", model.non_manual.mouth},
            {"head", model.non_manual.head}}},
          {"thresholds",
           {{"distance", rounded(model.thresholds.distance)},
            {"handshape", rounded(model.thresholds.channels.shape)},
            {"location", rounded(model.thresholds.channels.location)},
            {"movement", rounded(model.thresholds.channels.movement)}}},
          {"examples", std::move(examples)}};
}

base::Result<SignReference> sign_from_json(const json& document) {
  if (!document.is_object()) return wrong("it is no object");
  const auto version = document.find("version");
  if (version == document.end() || *version != kVersion) {
    return wrong(fmt::format("its \"version\" is not {}", kVersion));
  }
  const auto gloss = text_of(document, "gloss", kLongestGloss);
  if (!gloss || gloss->empty()) {
    return wrong(fmt::format("\"gloss\" is not 1 to {} characters", kLongestGloss));
  }
  const auto source = text_of(document, "source", 16);
  if (!source || (*source != "teacher" && *source != "built_in")) {
    return wrong("\"source\" is not \"teacher\" or \"built_in\"");
  }
  auto non_manual = non_manual_of(document);
  if (!non_manual) return tl::unexpected(std::move(non_manual).error());
  auto thresholds = thresholds_of(document);
  if (!thresholds) return tl::unexpected(std::move(thresholds).error());
  const auto examples = document.find("examples");
  if (examples == document.end() || !examples->is_array() || examples->empty() ||
      examples->size() > kMostExamples) {
    return wrong(fmt::format("\"examples\" is no list of 1 to {}", kMostExamples));
  }
  auto model = std::make_shared<SignModel>();
  model->gloss = *gloss;
  model->source = *source;
  model->non_manual = std::move(*non_manual);
  model->thresholds = *thresholds;
  for (const json& entry : *examples) {
    auto clip = example_of(entry);
    if (!clip) return tl::unexpected(std::move(clip).error());
    model->examples.push_back(make_example(std::move(*clip)));
  }
  return SignReference(std::move(model));
}

}  // namespace storysign::practice
