#include "wire/client_message.hpp"

#include "wire/base64.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string_view>

namespace storysign::wire {
namespace {

using testing::HasSubstr;

struct Parsed {
  ClientMessage message;
  base::Bytes frame;
};

Parsed parse(std::string_view text) {
  Parsed parsed;
  base::Bytes bytes(text.begin(), text.end());
  parsed.message = parse_client_message(bytes, parsed.frame);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), text);
  return parsed;
}

template <class T>
bool is(const ClientMessage& message) {
  return std::holds_alternative<T>(message);
}

/// What is wrong with the structure; a note if nothing is.
std::string wrong_with(std::string_view text) {
  const Parsed parsed = parse(text);
  const auto* const invalid = std::get_if<InvalidStructure>(&parsed.message);
  return invalid != nullptr ? invalid->what
                            : fmt::format("nothing: alternative {}", parsed.message.index());
}

TEST(ClientMessage, ReadsAFrameWithEverything) {
  const Parsed parsed = parse(R"({"type":"raw_frame","timestamp":"2024-01-01T00:00:00.000Z",
      "frame_data":"data:image/jpeg;base64,Zm9v","answer_mode":"both","face_mesh":true,
      "every_frame":true,"other":[1,{"a":null}],
      "metadata":{"frame_number":4294967295,"client_id":"c","width":640,"height":480,
        "processing_time_ms":1.5,"quality":0.5,"adaptive_fps":25,"processing_capability":1,
        "network_latency_ms":12,"throughput_mbps":3.25,"more":{}}})");
  ASSERT_TRUE(is<RawFrame>(parsed.message));
  const auto& frame = std::get<RawFrame>(parsed.message);
  EXPECT_EQ(parsed.frame, (base::Bytes{'f', 'o', 'o'}));
  EXPECT_EQ(frame.frame_number, 4294967295U);
  EXPECT_EQ(frame.width, 640);
  EXPECT_EQ(frame.height, 480);
  EXPECT_EQ(frame.answer_mode, AnswerMode::kBoth);
  EXPECT_TRUE(frame.face_mesh);
  EXPECT_TRUE(frame.every_frame);
  EXPECT_EQ(frame.report, (ClientReport{.network_latency_ms = 12,
                                        .throughput_mbps = 3.25,
                                        .adaptive_fps = 25,
                                        .processing_capability = 1,
                                        .quality = 0.5,
                                        .processing_time_ms = 1.5}));
}

TEST(ClientMessage, ReadsAFrameWithTheLeast) {
  for (
      const std::string_view text :
      {R"({"type":"raw_frame","frame_data":"Zm9v"})",
       R"({"type":"raw_frame","frame_data":"data:image/jpg;base64,Zm9v","metadata":{}})",
       R"({"type":"raw_frame","frame_data":"Zm9v","metadata":null,"answer_mode":null})",
       R"({"type":"raw_frame","frame_data":"Zm9v","metadata":{"frame_number":null,"width":null}})"}) {
    const Parsed parsed = parse(text);
    ASSERT_TRUE(is<RawFrame>(parsed.message)) << text;
    const auto& frame = std::get<RawFrame>(parsed.message);
    EXPECT_EQ(parsed.frame.size(), 3U);
    EXPECT_EQ(frame.frame_number, 0U);
    EXPECT_EQ(frame.answer_mode, AnswerMode::kAnnotated);
    EXPECT_FALSE(frame.face_mesh || frame.every_frame);
    EXPECT_EQ(frame.report, ClientReport{});
  }
}

TEST(ClientMessage, KnowsAFrameWithoutData) {
  for (const std::string_view data : {"", R"(,"frame_data":"")", R"(,"frame_data":null)",
                                      R"(,"frame_data":"data:image/jpeg;base64,")"}) {
    const Parsed parsed =
        parse(fmt::format(R"({{"type":"raw_frame","metadata":{{"frame_number":7}}{}}})", data));
    ASSERT_TRUE(is<RawFrameWithoutData>(parsed.message)) << data;
    EXPECT_EQ(std::get<RawFrameWithoutData>(parsed.message).frame_number, 7U);
  }
}

TEST(ClientMessage, SaysWhyFrameDataAreBad) {
  const std::pair<std::string_view, std::string_view> bad[] = {
      {"Zm9v Zm9v", "character 4"},
      {"data:image/png;base64,Zm9v", "image/jpeg"},
      {"Zm9", "ends after 3"},
      {"Zm9v====", "padding"}};
  for (const auto& [data, reason] : bad) {
    const Parsed parsed = parse(fmt::format(
        R"({{"type":"raw_frame","frame_data":"{}","metadata":{{"frame_number":9}}}})", data));
    ASSERT_TRUE(is<BadFrameData>(parsed.message)) << data;
    EXPECT_THAT(std::get<BadFrameData>(parsed.message).reason, HasSubstr(reason));
    EXPECT_EQ(std::get<BadFrameData>(parsed.message).frame_number, 9U);
    EXPECT_TRUE(parsed.frame.empty());
  }
}

TEST(ClientMessage, RefusesMetadataOfTheWrongTypeOrRangeByName) {
  const std::pair<std::string_view, std::string_view> wrong[] = {
      {R"("frame_number":"1")", "metadata.frame_number"},
      {R"("frame_number":-1)", "metadata.frame_number"},
      {R"("frame_number":1.5)", "metadata.frame_number"},
      {R"("frame_number":4294967296)", "metadata.frame_number"},
      {R"("frame_number":true)", "metadata.frame_number"},
      {R"("frame_number":[])", "metadata.frame_number"},
      {R"("width":65536)", "metadata.width"},
      {R"("height":{})", "metadata.height"},
      {R"("client_id":5)", "metadata.client_id"},
      {R"("network_latency_ms":"12")", "metadata.network_latency_ms"},
      {R"("network_latency_ms":-1)", "metadata.network_latency_ms"},
      {R"("throughput_mbps":1e300)", "metadata.throughput_mbps"},
      {R"("adaptive_fps":false)", "metadata.adaptive_fps"},
      {R"("processing_capability":1.01)", "metadata.processing_capability"},
      {R"("quality":2)", "metadata.quality"},
      {R"("processing_time_ms":[1])", "metadata.processing_time_ms"}};
  for (const auto& [field, name] : wrong) {
    const std::string said = wrong_with(
        fmt::format(R"({{"type":"raw_frame","frame_data":"Zm9v","metadata":{{{}}}}})", field));
    EXPECT_THAT(said, HasSubstr(name)) << field;
    EXPECT_TRUE(said.ends_with('.')) << said;
  }
}

TEST(ClientMessage, RefusesFieldsOfTheWrongTypeByName) {
  EXPECT_THAT(wrong_with(R"({"type":5})"), HasSubstr("type"));
  EXPECT_THAT(wrong_with(R"({"type":"raw_frame","frame_data":5})"), HasSubstr("frame_data"));
  EXPECT_THAT(wrong_with(R"({"type":"raw_frame","metadata":[]})"), HasSubstr("metadata"));
  EXPECT_THAT(wrong_with(R"({"type":"raw_frame","answer_mode":"all"})"), HasSubstr("answer_mode"));
  EXPECT_THAT(wrong_with(R"({"type":"raw_frame","answer_mode":1})"), HasSubstr("answer_mode"));
  EXPECT_THAT(wrong_with(R"({"type":"raw_frame","face_mesh":1})"), HasSubstr("face_mesh"));
  EXPECT_THAT(wrong_with(R"({"type":"raw_frame","every_frame":"yes"})"), HasSubstr("every_frame"));
  EXPECT_THAT(wrong_with(R"({"type":"control","action":1})"), HasSubstr("action"));
  EXPECT_THAT(wrong_with(R"({"type":"control","action":"a","data":[]})"), HasSubstr("data"));
}

TEST(ClientMessage, ReadsControl) {
  const Parsed parsed = parse(
      R"({"type":"control","action":"start_session","data":{"story_sentences":["a","b"],
          "n":-3,"big":18446744073709551615,"x":1.5,"t":true,"none":null,"o":{"k":[]}}})");
  ASSERT_TRUE(is<Control>(parsed.message));
  const auto& control = std::get<Control>(parsed.message);
  EXPECT_EQ(control.action, "start_session");
  EXPECT_EQ(control.data, nlohmann::json::parse(
                              R"({"story_sentences":["a","b"],"n":-3,"big":18446744073709551615,
                                  "x":1.5,"t":true,"none":null,"o":{"k":[]}})"));
  const Parsed bare = parse(R"({"type":"control"})");
  EXPECT_EQ(std::get<Control>(bare.message).action, "unknown");
  EXPECT_EQ(std::get<Control>(bare.message).data, nlohmann::json::object());
}

TEST(ClientMessage, ReadsPingStatsAndOtherTypes) {
  EXPECT_TRUE(is<Ping>(parse(R"({"type":"ping"})").message));
  EXPECT_TRUE(is<GetStats>(parse(R"( {"type":"get_stats","timestamp":1} )").message));
  EXPECT_EQ(std::get<Unknown>(parse(R"({"type":"Ping"})").message).type, "Ping");
  EXPECT_EQ(std::get<Unknown>(parse("{}").message).type, "unknown");
  EXPECT_EQ(std::get<Unknown>(parse(R"({"type":null})").message).type, "unknown");
}

TEST(ClientMessage, OfAFieldGivenTwiceTheFirstCounts) {
  EXPECT_TRUE(is<Ping>(parse(R"({"type":"ping","type":"get_stats"})").message));
  const Parsed parsed = parse(R"({"type":"control","action":"a","data":{"k":1,"k":2}})");
  EXPECT_EQ(std::get<Control>(parsed.message).data, (nlohmann::json{{"k", 1}}));
}

TEST(ClientMessage, KnowsWhatIsNoJsonObject) {
  for (const std::string_view text :
       {"", " ", "null", "5", "\"a\"", "[]", "[{\"type\":\"ping\"}]", "{", "{\"type\":\"ping\"",
        "{\"type\":\"ping\"}}", "{\"type\":\"ping\"} x", "{'type':'ping'}",
        "{\"type\":\"p\xFFng\"}", "{\"type\":\"pi\nng\"}", "{\"type\":\"ping\",}",
        "\xEF\xBB\xBF{\"type\":\"ping\"}", "{\"a\":01}", "{\"a\":NaN}", "{\"a\":\"\\ud800\"}"}) {
    EXPECT_TRUE(is<InvalidJson>(parse(text).message)) << text;
  }
}

TEST(ClientMessage, LimitsDepthFieldsAndSizes) {
  const auto nested = [](std::size_t depth) {
    return "{\"type\":\"ping\",\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(is<Ping>(parse(nested(20)).message));
  EXPECT_TRUE(is<InvalidJson>(parse(nested(40)).message));
  EXPECT_TRUE(is<InvalidJson>(parse(nested(100000)).message));

  std::string fields = "{\"type\":\"ping\"";
  for (int i = 0; i < 300; ++i) fields += fmt::format(",\"f{}\":0", i);
  EXPECT_THAT(wrong_with(fields + "}"), HasSubstr("256"));

  const std::string large(70000, 'x');
  EXPECT_THAT(
      wrong_with(fmt::format(R"({{"type":"control","action":"a","data":{{"s":"{}"}}}})", large)),
      HasSubstr("65536"));
}

TEST(ClientMessage, RefusesALongMessageOfManySmallParts) {
  std::string numbers = "{\"type\":\"ping\",\"a\":[0";
  for (int i = 0; i < 2000; ++i) numbers += ",0";
  EXPECT_TRUE(is<Ping>(parse(numbers + "]}").message));
  const std::string padding(70000, ' ');
  EXPECT_THAT(wrong_with(numbers + padding + "]}"), HasSubstr("commas"));
  EXPECT_TRUE(is<Ping>(parse("{\"type\":\"ping\"" + padding + "}").message));
}

TEST(ClientMessage, CutsWhatComesBackAtACharacter) {
  std::string name(63, 'x');
  name += "\xC3\xA9 and more";
  const Parsed unknown = parse(fmt::format(R"({{"type":"{}"}})", name));
  EXPECT_EQ(std::get<Unknown>(unknown.message).type, std::string(63, 'x'));
  const Parsed control = parse(fmt::format(R"({{"type":"control","action":"{}"}})", name));
  EXPECT_EQ(std::get<Control>(control.message).action, std::string(63, 'x'));
}

TEST(ClientMessage, ReadsLargeFramesAndSmallOnesAfterThem) {
  for (const std::size_t size : {60000UL, 1500000UL, 10UL, 60000UL}) {
    base::Bytes picture(size);
    std::mt19937 random(static_cast<unsigned>(size));
    for (auto& byte : picture) byte = static_cast<std::uint8_t>(random());
    std::string text = R"({"type":"raw_frame","frame_data":")";
    append_base64(picture, text);
    text += "\"}";
    const Parsed parsed = parse(text);
    ASSERT_TRUE(is<RawFrame>(parsed.message));
    EXPECT_EQ(parsed.frame, picture);
  }
}

TEST(ClientMessage, TruncatedAtEveryLengthIsNoJson) {
  const std::string_view text =
      R"({"type":"raw_frame","frame_data":"Zm9v","metadata":{"frame_number":1,"quality":0.5}})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(is<InvalidJson>(parse(text.substr(0, size)).message)) << size;
  }
}

TEST(ClientMessage, RandomChangesNeverHarm) {
  const std::string_view sound =
      R"({"type":"raw_frame","frame_data":"Zm9vYmFy","answer_mode":"both","face_mesh":true,)"
      R"("metadata":{"frame_number":12,"width":640,"height":480,"quality":0.5,"client_id":"c"}})";
  constexpr std::string_view kCommon = "{}[]\",:0123456789eE+-.truefalsn\\u";
  std::mt19937 random(17);
  std::array<int, std::variant_size_v<ClientMessage>> seen{};
  for (int round = 0; round < 50000; ++round) {
    std::string text(sound);
    for (std::size_t change = random() % 3; change < 3; ++change) {
      text[random() % text.size()] =
          random() % 8 == 0 ? static_cast<char>(random()) : kCommon[random() % kCommon.size()];
    }
    ++seen[parse(text).message.index()];
  }
  EXPECT_GT(seen[ClientMessage(RawFrame{}).index()], 100);
  EXPECT_GT(seen[ClientMessage(InvalidJson{}).index()], 100);
  EXPECT_GT(seen[ClientMessage(InvalidStructure{}).index()], 100);
  EXPECT_GT(seen[ClientMessage(BadFrameData{}).index()], 100);
}

}  // namespace
}  // namespace storysign::wire
