// Passwords: which are taken, how they are kept; names; random and digests.

#include "auth/password.hpp"

#include "auth/digest.hpp"
#include "auth/random.hpp"
#include "unit/auth/known_random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace storysign::auth {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr PasswordCost kCheap{.memory_kib = 64, .passes = 1, .lanes = 1};

TEST(Passwords, OpenOnlyWithTheSame) {
  const auto hash = hash_password("correct horse", kCheap, &known_random);
  ASSERT_TRUE(hash) << hash.error().message;
  EXPECT_THAT(*hash, StartsWith("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_EQ(hash->find("correct"), std::string::npos);
  EXPECT_TRUE(verify_password("correct horse", *hash));
  EXPECT_FALSE(verify_password("correct horse ", *hash));
  EXPECT_FALSE(verify_password("", *hash));
  EXPECT_FALSE(verify_password("correct horse", "no hash"));
  EXPECT_FALSE(verify_password("correct horse", ""));
}

TEST(Passwords, HaveASaltEach) {
  EXPECT_NE(*hash_password("correct horse", kCheap, &known_random),
            *hash_password("correct horse", kCheap, &known_random));
}

// Appendix of phc-winner-argon2's test.c: version 0x13, t 2, m 2^8 KiB, p 1.
TEST(Passwords, AreArgon2idOfOthersToo) {
  EXPECT_TRUE(verify_password(
      "password",
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"));
}

TEST(Passwords, AreHashedAgainAtAnotherCost) {
  const std::string hash = *hash_password("correct horse", kCheap, &known_random);
  EXPECT_FALSE(needs_rehash(hash, kCheap));
  EXPECT_TRUE(needs_rehash(hash, {.memory_kib = 65, .passes = 1, .lanes = 1}));
  EXPECT_TRUE(needs_rehash(hash, {.memory_kib = 64, .passes = 2, .lanes = 1}));
  EXPECT_TRUE(needs_rehash(hash, {.memory_kib = 64, .passes = 1, .lanes = 2}));
  EXPECT_TRUE(needs_rehash("$argon2i$v=19$m=64,t=1,p=1$x$y", kCheap));
}

TEST(Passwords, CostThatCannotBeIsSaid) {
  const auto hash =
      hash_password("correct horse", {.memory_kib = 1, .passes = 1, .lanes = 1}, &known_random);
  ASSERT_FALSE(hash);
  EXPECT_THAT(hash.error().message, HasSubstr("could not be hashed"));
}

TEST(Passwords, AreLongEnoughAndNotTheFirstGuess) {
  EXPECT_TRUE(check_new_password("eightchr", "ada"));
  EXPECT_FALSE(check_new_password("sevench", "ada"));
  EXPECT_TRUE(check_new_password(std::string(128, 'x'), "ada"));
  EXPECT_FALSE(check_new_password(std::string(129, 'x'), "ada"));
  EXPECT_FALSE(check_new_password("PassWord", "ada"));
  EXPECT_FALSE(check_new_password("Lovelace-1", "lovelace-1"));
  // Characters, not bytes: seven and eight of two bytes each.
  EXPECT_FALSE(check_new_password("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", "ada"));
  EXPECT_TRUE(check_new_password("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", "ada"));
}

TEST(Names, AreInLowerCaseAndPlain) {
  EXPECT_EQ(account_name("Ada.Lovelace-1@school"), "ada.lovelace-1@school");
  EXPECT_EQ(account_name("x"), "x");
  EXPECT_EQ(account_name(std::string(64, 'a')), std::string(64, 'a'));
  for (const std::string& bad :
       {std::string(), std::string(65, 'a'), std::string("a b"), std::string(".a"),
        std::string("a/b"), std::string("a\n"), std::string("\u00e9"), std::string("Guest")}) {
    EXPECT_EQ(account_name(bad), std::nullopt) << bad;
  }
}

TEST(RandomTokens, AreLongAndNeverTheSame) {
  const std::string a = random_token(&system_random);
  EXPECT_EQ(a.size(), 64U);
  EXPECT_NE(a, random_token(&system_random));
  EXPECT_NE(random_id(&system_random), random_id(&system_random));
}

TEST(Digests, AreThoseOfTheStandard) {
  // FIPS 180-4, example "abc".
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(equal_secrets("abc", "abc"));
  EXPECT_FALSE(equal_secrets("abc", "abd"));
  EXPECT_FALSE(equal_secrets("abc", "abcd"));
}

}  // namespace
}  // namespace storysign::auth
