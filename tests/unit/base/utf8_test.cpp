#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace storysign::base {
namespace {

TEST(Utf8Prefix, IsTheTextIfItFits) {
  EXPECT_EQ(utf8_prefix("", 0), "");
  EXPECT_EQ(utf8_prefix("abc", 3), "abc");
  EXPECT_EQ(utf8_prefix("a\u00e9", 3), "a\u00e9");
}

TEST(Utf8Prefix, EndsWithAWholeCharacter) {
  EXPECT_EQ(utf8_prefix("abcd", 3), "abc");
  EXPECT_EQ(utf8_prefix("a\u00e9", 2), "a");
  EXPECT_EQ(utf8_prefix("\u20ac\u20ac", 5), "\u20ac");
  EXPECT_EQ(utf8_prefix("\U0001f600", 3), "");
  EXPECT_EQ(utf8_prefix("\u00e9", 0), "");
}

}  // namespace
}  // namespace storysign::base
