#include "figment/base/text.h"

#include <gmock/gmock.h>

#include <limits>

#include "figment/base/error.h"

namespace figment {
namespace {

TEST(DidYouMean, NamesTheNearest) {
  const std::vector<std::string> words = {"num_codes", "commitment", "optimizer"};
  EXPECT_EQ(did_you_mean("num_code", words), "; did you mean 'num_codes'?");
  EXPECT_EQ(did_you_mean("nmu_codes", words), "; did you mean 'num_codes'?");  // swapped letters count once
  EXPECT_EQ(did_you_mean("optimiser", words), "; did you mean 'optimizer'?");
  EXPECT_EQ(did_you_mean("optimizer", words), "; did you mean 'optimizer'?");
}

TEST(DidYouMean, KeepsSilentWhenNothingIsNear) {
  const std::vector<std::string> words = {"beta", "latent"};
  EXPECT_EQ(did_you_mean("learning_rate", words), "");
  EXPECT_EQ(did_you_mean("learning_rate", words, "known are beta and latent"), "; known are beta and latent");
  EXPECT_EQ(did_you_mean("", {}), "");
  EXPECT_EQ(did_you_mean(std::string(1 << 20, 'x'), words), "");  // takes neither minutes nor gigabytes
}

TEST(DidYouMean, AThirdOfTheLettersMayDiffer) {
  EXPECT_EQ(did_you_mean("abcxyz", {"abcdef"}), "");  // three of six
  EXPECT_EQ(did_you_mean("abcdyz", {"abcdef"}), "; did you mean 'abcdef'?");
  EXPECT_EQ(did_you_mean("ax", {"ab"}), "; did you mean 'ab'?");  // one always
}

TEST(Text, Lists) {
  EXPECT_EQ(listed({}), "");
  EXPECT_EQ(listed({"a"}), "a");
  EXPECT_EQ(listed({"a", "b"}), "a and b");
  EXPECT_EQ(listed({"a", "b", "c"}), "a, b and c");
}

TEST(Text, Numbers) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(-999), "-999");
  EXPECT_EQ(with_commas(-1234567), "-1,234,567");
  EXPECT_EQ(with_commas(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
  EXPECT_EQ(counted(1, "image"), "1 image");
  EXPECT_EQ(counted(0, "image"), "0 images");
  EXPECT_EQ(counted(60000, "image"), "60,000 images");
}

TEST(Text, APartOfOneCandidateIsWhatWasMeant) {
  EXPECT_EQ(did_you_mean("boot", {"sandal", "ankle boot"}), "; did you mean 'ankle boot'?");
  EXPECT_EQ(did_you_mean("boot", {"rain boot", "ankle boot"}, "known are two"), "; known are two") << "either may be";
  EXPECT_EQ(did_you_mean("BOOT", {"Sandal", "Ankle boot"}), "; did you mean 'Ankle boot'?");
  EXPECT_EQ(did_you_mean("SANDAL", {"Sandal", "Ankle boot"}), "; did you mean 'Sandal'?");
  EXPECT_EQ(did_you_mean("bo", {"ankle boot"}, "known is one"), "; known is one");
}

TEST(Text, SmallLettersAreThoseOfAnyAlphabet) {
  EXPECT_EQ(in_small_letters("Bag.PNG"), "bag.png");
  EXPECT_EQ(in_small_letters("ÉTÉ"), "été");
  EXPECT_EQ(in_small_letters("e\u0301te\u0301"), "été") << "one form";
  EXPECT_EQ(in_small_letters("ЛЕТО"), "лето");
  EXPECT_EQ(in_small_letters("\xff.PNG"), "\xff.png") << "no UTF-8";
  EXPECT_EQ(in_small_letters(""), "");
}

TEST(Braces, StandForTheWordsOfAShell) {
  const auto words = [](std::string_view pattern) { return listed(expanded_braces(pattern, 100)); };
  EXPECT_EQ(words("x.tar"), "x.tar");
  EXPECT_EQ(words("s-{08..11}.tar"), "s-08.tar, s-09.tar, s-10.tar and s-11.tar");
  EXPECT_EQ(words("{8..11}"), "8, 9, 10 and 11");
  EXPECT_EQ(words("{0..0}"), "0");
  EXPECT_EQ(words("{2..0}"), "2, 1 and 0");
  EXPECT_EQ(words("{a,b}/{0..1}.tar"), "a/0.tar, a/1.tar, b/0.tar and b/1.tar");
  EXPECT_EQ(words("{a{0..1},b}"), "a0, a1 and b");
  EXPECT_EQ(words("x{,y}"), "x and xy");
  for (const char* literal :
       {"{a}", "{a..c}", "{1..}", "{..2}", "{-1..2}", "{", "}", "a}b{c", "{0..1", "{}", "{1234567890..1}"})
    EXPECT_EQ(words(literal), literal);
  EXPECT_EQ(words("{a{0..1}}"), "{a0} and {a1}");
}

TEST(Braces, StandForNoMoreWordsThanTheBound) {
  EXPECT_EQ(expanded_braces("{0..9}{0..9}", 100).size(), 100u);
  for (const char* many : {"{0..100}", "{0..9}{0..9}{0..9}", "{0..999999999}", "{{0..9}{0..9},a}{0,1}"})
    EXPECT_THROW(expanded_braces(many, 100), ConfigError) << many;
}

TEST(Text, Durations) {
  EXPECT_EQ(duration(0.4), "0 s");
  EXPECT_EQ(duration(59.4), "59 s");
  EXPECT_EQ(duration(59.6), "1 min 00 s");
  EXPECT_EQ(duration(125), "2 min 05 s");
  EXPECT_EQ(duration(3599.7), "1 h 00 min");
  EXPECT_EQ(duration(4320), "1 h 12 min");
}

TEST(Text, NumbersAreShort) {
  EXPECT_EQ(readable(235.7512), "235.8");
  EXPECT_EQ(readable(600000), "600,000");
  EXPECT_EQ(readable(-0.0), "0");
  EXPECT_EQ(readable(1e-5), "1e-05");
  EXPECT_EQ(readable(std::numeric_limits<double>::quiet_NaN()), "–");
}

TEST(Text, ShellWordsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(shell_quoted("runs/0001-vae"), "runs/0001-vae");
  EXPECT_EQ(shell_quoted("my runs/it's"), "'my runs/it'\\''s'");
  EXPECT_EQ(shell_quoted(""), "''");
}

}  // namespace
}  // namespace figment
