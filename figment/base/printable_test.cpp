#include "figment/base/printable.h"

#include <gmock/gmock.h>

namespace figment {
namespace {

TEST(Printable, LettersOfEveryScriptStay) {
  for (const char* text : {"", "T-shirt/top", "grüß 日本 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", "C:\\x1b"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, WhatATerminalWouldObeyIsAnEscape) {
  EXPECT_EQ(printable("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(printable("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(printable(std::string_view("\0\x07\x7f", 3)), "\\x00\\x07\\u007f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\u009b31m")
      << "C1: an 8-bit terminal's ESC [";
  EXPECT_EQ(printable("photo\xe2\x80\xaegnp.exe"), "photo\\u202egnp.exe") << "right-to-left override";
  EXPECT_EQ(printable("a\nb\tc\rd\x1b", Lines::kMany), "a\nb\tc\\rd\\x1b");
}

TEST(Printable, BytesThatAreNoUtf8AreEscapes) {
  EXPECT_EQ(printable("caf\xe9.png"), "caf\\xe9.png");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "a slash in too many bytes";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half of a pair of UTF-16";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond the last code point";
  EXPECT_EQ(printable("\xe6\x97"), "\\xe6\\x97") << "cut in the middle";
  EXPECT_EQ(printable("\xff\xe6\x97\xa5"), "\\xff日");
}

TEST(Printable, ValidUtf8KeepsAllThatIsUtf8) {
  EXPECT_EQ(valid_utf8("a\x1b\n\xe9日"), "a\x1b\n\\xe9日");
  EXPECT_NE(valid_utf8("caf\xe9"), valid_utf8("caf\xe8")) << "two names stay two";
}

}  // namespace
}  // namespace figment
