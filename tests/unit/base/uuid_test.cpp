#include "base/uuid.hpp"

#include <gtest/gtest.h>

#include <set>

namespace storysign::base {
namespace {

TEST(Uuid, WritesVersionAndVariantIntoTheRandomBytes) {
  EXPECT_EQ(uuid_of({}), "00000000-0000-4000-8000-000000000000");
  std::array<std::uint8_t, 16> ones{};
  ones.fill(0xFF);
  EXPECT_EQ(uuid_of(ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_EQ(uuid_of({0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89,
                     0xab, 0xcd, 0xef}),
            "01234567-89ab-4def-8123-456789abcdef");
}

TEST(Uuid, RandomOnesDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = random_uuid();
    EXPECT_TRUE(is_uuid(uuid)) << uuid;
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Uuid, KnowsWhatIsNone) {
  EXPECT_TRUE(is_uuid("01234567-89ab-1def-8123-456789abcdef"));
  EXPECT_FALSE(is_uuid(""));
  EXPECT_FALSE(is_uuid("01234567-89ab-4def-8123-456789abcde"));
  EXPECT_FALSE(is_uuid("01234567-89ab-4def-8123-456789abcdef0"));
  EXPECT_FALSE(is_uuid("01234567-89AB-4def-8123-456789abcdef"));
  EXPECT_FALSE(is_uuid("01234567x89ab-4def-8123-456789abcdef"));
  EXPECT_FALSE(is_uuid("01234567-89ab-4def-8123-456789abcde'"));
}

}  // namespace
}  // namespace storysign::base
