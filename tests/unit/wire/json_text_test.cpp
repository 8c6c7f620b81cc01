#include "wire/json_text.hpp"

#include "wire/timestamp.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

namespace storysign::wire {
namespace {

using std::chrono::milliseconds;

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

std::string coordinate(float value) {
  std::string out;
  append_coordinate(value, out);
  return out;
}

TEST(Timestamp, IsIsoUtcWithMilliseconds) {
  EXPECT_EQ(timestamp(WallTime{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(timestamp(WallTime{milliseconds(1709210096789)}), "2024-02-29T12:34:56.789Z");
  EXPECT_EQ(timestamp(WallTime{std::chrono::nanoseconds(1999999)}), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(timestamp(WallTime{milliseconds(-1)}), "1969-12-31T23:59:59.999Z");
}

TEST(JsonText, EscapesWhatMustBe) {
  EXPECT_EQ(json_string("a\"b\\c\n\r\t"), R"("a\"b\\c\n\r\t")");
  EXPECT_EQ(json_string(std::string_view("\0\x1F\x7F", 3)), R"("\u0000\u001f\u007f")");
  EXPECT_EQ(json_string("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
}

TEST(JsonText, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(json_string("a\xFFz"), R"("a\ufffdz")");
  EXPECT_EQ(json_string("\xC3"), R"("\ufffd")");
  EXPECT_EQ(json_string("\xC0\x80"), R"("\ufffd\ufffd")");
  EXPECT_EQ(json_string("\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd")");
  EXPECT_EQ(json_string("\xF4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");
  EXPECT_EQ(json_string("\xE2\x82"), R"("\ufffd\ufffd")");
}

TEST(JsonText, AnyBytesGiveAStringThatParses) {
  std::mt19937 random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 12, '\0');
    for (char& c : text) c = static_cast<char>(random());
    ASSERT_TRUE(nlohmann::json::accept(json_string(text)));
  }
}

TEST(JsonText, NumbersThatJsonHasNotAreNull) {
  std::string out;
  append_json_number(std::numeric_limits<double>::infinity(), 2, out);
  out += ' ';
  append_json_number(std::nan(""), 2, out);
  out += ' ';
  append_json_number(-1.005, 1, out);
  EXPECT_EQ(out, "null null -1.0");
}

TEST(JsonText, CoordinatesHaveFiveDecimals) {
  EXPECT_EQ(coordinate(0.0F), "0.00000");
  EXPECT_EQ(coordinate(0.5F), "0.50000");
  EXPECT_EQ(coordinate(-0.25F), "-0.25000");
  EXPECT_EQ(coordinate(12.0F), "12.00000");
  EXPECT_EQ(coordinate(0.00001F), "0.00001");
  EXPECT_EQ(coordinate(1e30F), "10000.00000");
  EXPECT_EQ(coordinate(-1e30F), "-10000.00000");
  EXPECT_EQ(coordinate(std::nanf("")), "0.00000");
  std::mt19937 random(5);
  std::uniform_real_distribution<float> values(-3.0F, 3.0F);
  for (int round = 0; round < 20000; ++round) {
    const float value = values(random);
    const std::string text = coordinate(value);
    ASSERT_NEAR(std::strtod(text.c_str(), nullptr), static_cast<double>(value), 0.50001e-5) << text;
  }
}

}  // namespace
}  // namespace storysign::wire
