#include "made_signer.hpp"
#include "practice/sign.hpp"
#include "practice/sign_code.hpp"
#include "practice/sign_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace storysign::practice {
namespace {

using nlohmann::json;
using test::made;
using test::MadeSign;
using test::Place;
using ::testing::HasSubstr;

MadeSign usual() {
  MadeSign sign;
  sign.right = [](float t) { return Place{-0.3F, 0.8F - 0.6F * t}; };
  sign.left = [](float t) { return Place{0.3F, 0.8F - 0.3F * t}; };
  sign.face = [](float) { return test::FaceMade{}; };
  return sign;
}

SignReference reference(const MadeSign& sign = usual(), std::size_t examples = 3) {
  return *make_reference("UP", std::vector<Recording>(examples, made(sign)),
                         {.eyebrows = "raised", .head = "nod"}, {});
}

TEST(SignJson, ReadBackItJudgesTheSame) {
  const SignReference sign = reference();
  const auto back = sign_from_json(json::parse(to_json(sign).dump()));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->gloss(), "UP");
  EXPECT_EQ(back->source(), "teacher");
  EXPECT_EQ(back->examples(), 3U);
  EXPECT_EQ(back->non_manual(), sign.non_manual());
  EXPECT_EQ(to_json(*back), to_json(sign));
  EXPECT_EQ(drawing(*back), drawing(sign));
  MadeSign other = usual();
  other.right_held.open = {1, 0, 0, 1, 1};
  SignLibrary before;
  SignLibrary after;
  before.add(sign);
  after.add(*back);
  const Judgement a = judge(made(other), "UP", before, Handedness::kRight);
  const Judgement b = judge(made(other), "UP", after, Handedness::kRight);
  EXPECT_EQ(a.handshape, b.handshape);
  EXPECT_EQ(a.location, b.location);
  ASSERT_EQ(a.findings.size(), b.findings.size());
  for (std::size_t i = 0; i < a.findings.size(); ++i) {
    EXPECT_EQ(a.findings[i].sentence, b.findings[i].sentence);
  }
}

TEST(SignJson, IsAboveAllSmall) {
  EXPECT_LT(to_json(reference()).dump().size(), 64U * 1024U);
  MadeSign slow = usual();
  slow.seconds = 7.0;
  const SignReference longest = reference(slow, 8);
  EXPECT_GE(longest.examples(), 1U);
  EXPECT_LT(to_json(longest).dump().size(), 64U * 1024U);
  MadeSign quick = usual();
  quick.seconds = 1.0;
  const SignReference many = reference(quick, 20);
  EXPECT_GT(many.examples(), 5U);
  EXPECT_LT(to_json(many).dump().size(), 64U * 1024U);
}

TEST(SignJson, QuantisedLandmarksAreWithinAFewThousandths) {
  const Clip clip = *make_clip(made(usual())).clip;
  const Clip back = quantised(clip);
  ASSERT_EQ(back.frames.size(), clip.frames.size());
  for (std::size_t i = 0; i < clip.frames.size(); ++i) {
    ASSERT_EQ(back.frames[i].hands[0].has_value(), clip.frames[i].hands[0].has_value());
    if (!clip.frames[i].hands[0]) continue;
    for (std::size_t k = 0; k < vision::kHandLandmarks; ++k) {
      const Point3 a = (*clip.frames[i].hands[0])[k];
      const Point3 b = (*back.frames[i].hands[0])[k];
      EXPECT_NEAR(a.x, b.x, 0.004F);
      EXPECT_NEAR(a.y, b.y, 0.004F);
      EXPECT_NEAR(a.z, b.z, 0.004F);
    }
  }
}

TEST(SignJson, EveryFieldIsChecked) {
  const json good = to_json(reference());
  const auto refusal = [&](const std::function<void(json&)>& damage) {
    json document = good;
    damage(document);
    const auto sign = sign_from_json(document);
    return sign ? std::string("accepted") : sign.error().message;
  };
  EXPECT_EQ(refusal([](json&) {}), "accepted");
  EXPECT_THAT(sign_from_json(json::array()).error().message, HasSubstr("no object"));
  EXPECT_THAT(sign_from_json(json()).error().message, HasSubstr("no object"));
  const std::vector<std::pair<std::string, std::function<void(json&)>>> damages = {
      {"version", [](json& d) { d["version"] = 2; }},
      {"version", [](json& d) { d.erase("version"); }},
      {"gloss", [](json& d) { d["gloss"] = ""; }},
      {"gloss", [](json& d) { d["gloss"] = std::string(65, 'A'); }},
      {"gloss", [](json& d) { d["gloss"] = 3; }},
      {"source", [](json& d) { d["source"] = "internet"; }},
      {"non_manual", [](json& d) { d["non_manual"] = 1; }},
      {"eyebrows", [](json& d) { d["non_manual"].erase("eyebrows"); }},
      {"mouth", [](json& d) { d["non_manual"]["mouth"] = "wide"; }},
      {"thresholds", [](json& d) { d["thresholds"] = json::array(); }},
      {"thresholds", [](json& d) { d["thresholds"]["distance"] = 0; }},
      {"thresholds", [](json& d) { d["thresholds"]["movement"] = 1.5; }},
      {"thresholds", [](json& d) { d["thresholds"]["handshape"] = "0.5"; }},
      {"examples", [](json& d) { d["examples"] = json::array(); }},
      {"examples", [](json& d) { d["examples"] = json(33, d["examples"][0]); }},
      {"example is no object", [](json& d) { d["examples"][0] = 1; }},
      {"frames", [](json& d) { d["examples"][0]["frames"] = 0; }},
      {"frames", [](json& d) { d["examples"][0]["frames"] = -3; }},
      {"frames", [](json& d) { d["examples"][0]["frames"] = 100000; }},
      {"as many as", [](json& d) { d["examples"][0]["frames"] = 7; }},
      {"as many as", [](json& d) { d["examples"][0]["depth"] = false; }},
      {"depth", [](json& d) { d["examples"][0]["depth"] = 1; }},
      {"data", [](json& d) { d["examples"][0]["data"] = 5; }},
      {"base64", [](json& d) { d["examples"][0]["data"] = "!!!!"; }},
      {"base64", [](json& d) { d["examples"][0]["data"] = "AAA"; }},
      {"as many as", [](json& d) { d["examples"][0]["data"] = ""; }},
      {"no hand is raised",
       [](json& d) { d["examples"][0] = {{"frames", 3}, {"depth", true}, {"data", "AAAAAAAA"}}; }}};
  for (const auto& [words, damage] : damages) {
    EXPECT_THAT(refusal(damage), HasSubstr(words));
  }
}

TEST(SignJson, AnyBytesAreReadOrRefused) {
  const json good = to_json(reference(usual(), 1));
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    auto bytes = *from_base64(good["examples"][0]["data"].get<std::string>());
    for (int k = 0; k < 8; ++k) {
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    }
    json document = good;
    document["examples"][0]["data"] = to_base64(bytes);
    const auto sign = sign_from_json(document);
    if (!sign) continue;
    SignLibrary signs;
    signs.add(*sign);
    const Judgement found = judge(made(usual()), "UP", signs, Handedness::kUnknown);
    EXPECT_TRUE(std::isfinite(found.score));
    (void)drawing(*sign).dump();
  }
}

TEST(SignJson, Base64IsThatOfRfc4648) {
  const auto text = [](std::string_view s) {
    return to_base64(std::span(reinterpret_cast<const std::uint8_t*>(s.data()), s.size()));
  };
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("f"), "Zg==");
  EXPECT_EQ(text("fo"), "Zm8=");
  EXPECT_EQ(text("foobar"), "Zm9vYmFy");
  for (const char* good : {"", "Zg==", "Zm8=", "Zm9vYmFy"}) {
    const auto bytes = from_base64(good);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(to_base64(*bytes), good);
  }
  for (const char* bad : {"Z", "Zg=", "Z===", "=AAA", "Zg==Zg==", "Zm 8"}) {
    EXPECT_FALSE(from_base64(bad)) << bad;
  }
}

TEST(Drawing, IsInShoulderWidthsAtTwentyFive) {
  const json drawn = drawing(reference());
  EXPECT_EQ(drawn["fps"], 25);
  ASSERT_GT(drawn["frames"].size(), 25U);
  const json& frame = drawn["frames"][15];
  ASSERT_EQ(frame["pose"].size(), 13U);
  EXPECT_NEAR(frame["pose"][7][0].get<double>(), 0.5, 0.01);
  EXPECT_EQ(frame["right"].size(), 21U);
  EXPECT_EQ(frame["left"].size(), 21U);
  EXPECT_EQ(frame["face"].size(), kFacePoints);
  const double x = frame["right"][0][0].get<double>();
  EXPECT_EQ(x, std::round(x * 1000) / 1000);
}

TEST(Drawing, OfWhatWasNotSeenIsNull) {
  MadeSign sign = usual();
  sign.face = nullptr;
  Recording recording = made(sign);
  for (std::size_t i = 15; i < 35; ++i) recording[i].left_hand.reset();
  const json drawn = drawing(recording);
  bool is_any_null = false;
  for (const json& frame : drawn["frames"]) {
    EXPECT_TRUE(frame["face"].is_null());
    is_any_null = is_any_null || frame["left"].is_null();
  }
  EXPECT_TRUE(is_any_null);
  EXPECT_TRUE(drawing(Recording())["frames"].empty());
}

}  // namespace
}  // namespace storysign::practice
