#include "wire/base64.hpp"

#include <gtest/gtest.h>

#include <random>

namespace storysign::wire {
namespace {

base::Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

std::string encoded(const base::Bytes& bytes) {
  std::string out;
  append_base64(bytes, out);
  return out;
}

void expect_wrong(std::string_view text, Base64Reason reason, std::size_t position) {
  base::Bytes out{1, 2, 3};
  const auto result = decode_base64(text, out);
  ASSERT_FALSE(result) << text;
  EXPECT_EQ(result.error().reason, reason) << text << ": " << describe(result.error());
  EXPECT_EQ(result.error().position, position) << text << ": " << describe(result.error());
  EXPECT_TRUE(out.empty());
}

TEST(Base64, KnowsTheVectorsOfTheRfc) {
  // RFC 4648 section 10.
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(encoded(bytes_of(plain)), text);
    EXPECT_EQ(base64_size(plain.size()), text.size());
    base::Bytes out;
    ASSERT_TRUE(decode_base64(text, out)) << text;
    EXPECT_EQ(out, bytes_of(plain));
  }
}

TEST(Base64, RoundTripsEveryLengthAndAppends) {
  std::mt19937 random(7);
  for (std::size_t size = 0; size < 300; ++size) {
    base::Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    std::string text = "before:";
    append_base64(bytes, text);
    ASSERT_EQ(text.size(), 7 + base64_size(size));
    ASSERT_TRUE(text.starts_with("before:"));
    base::Bytes out;
    ASSERT_TRUE(decode_base64(std::string_view(text).substr(7), out));
    ASSERT_EQ(out, bytes);
  }
}

TEST(Base64, NamesTheFirstWrongCharacter) {
  std::string text = encoded(base::Bytes(60, 0xA5));
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char wrong : {' ', '\n', '-', '_', '\0', '\x80', '\xFF', '.'}) {
      std::string broken = text;
      broken[at] = wrong;
      if (at + 1 < broken.size()) broken[at + 1] = '!';
      expect_wrong(broken, Base64Reason::kCharacter, at);
    }
  }
}

TEST(Base64, RefusesMissingExtraAndEarlyPadding) {
  expect_wrong("Z", Base64Reason::kLength, 1);
  expect_wrong("Zg", Base64Reason::kLength, 2);
  expect_wrong("Zg=", Base64Reason::kLength, 3);
  expect_wrong("Zm8", Base64Reason::kLength, 3);
  expect_wrong("Zm9vZ", Base64Reason::kLength, 5);
  expect_wrong("=", Base64Reason::kPadding, 0);
  expect_wrong("====", Base64Reason::kPadding, 0);
  expect_wrong("Z===", Base64Reason::kPadding, 1);
  expect_wrong("Zg=A", Base64Reason::kPadding, 3);
  expect_wrong("Zg===", Base64Reason::kPadding, 4);
  expect_wrong("Zg==Zg==", Base64Reason::kPadding, 4);
  expect_wrong("Zm8=Zm8=", Base64Reason::kPadding, 4);
  expect_wrong("Zm9v=", Base64Reason::kPadding, 4);
  expect_wrong("Zm9v ", Base64Reason::kCharacter, 4);
}

TEST(Base64, RefusesSpareBits) {
  expect_wrong("Zh==", Base64Reason::kSpareBits, 1);
  expect_wrong("Zm9=", Base64Reason::kSpareBits, 2);
  expect_wrong("Zm9vZm9=", Base64Reason::kSpareBits, 6);
}

TEST(Base64, RandomTextsDecodeToBytesThatGiveThemBackOrNothing) {
  constexpr std::string_view kCommon = "ABCDwxyz0189+/=";
  std::mt19937 random(11);
  int decoded = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string text(random() % 13, '\0');
    for (char& c : text) {
      c = random() % 40 == 0 ? static_cast<char>(random()) : kCommon[random() % kCommon.size()];
    }
    base::Bytes out;
    const auto result = decode_base64(text, out);
    if (result) {
      ++decoded;
      ASSERT_EQ(encoded(out), text);
    } else {
      ASSERT_LE(result.error().position, text.size());
    }
  }
  EXPECT_GT(decoded, 1000);
}

TEST(Base64, KnowsTheDataUrlsOfJpegs) {
  EXPECT_EQ(strip_data_url("data:image/jpeg;base64,Zg=="), "Zg==");
  EXPECT_EQ(strip_data_url("data:image/jpg;base64,Zg=="), "Zg==");
  EXPECT_EQ(strip_data_url("Zg=="), "Zg==");
  EXPECT_EQ(strip_data_url(""), "");
  EXPECT_EQ(strip_data_url("data:image/png;base64,Zg=="), std::nullopt);
  EXPECT_EQ(strip_data_url("data:image/jpeg,Zg=="), std::nullopt);
}

}  // namespace
}  // namespace storysign::wire
