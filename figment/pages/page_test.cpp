#include "figment/pages/page.h"

#include <gmock/gmock.h>

namespace figment {

TEST(Escaped, LeavesNoMarkup) {
  EXPECT_EQ(escaped("<b a=\"1\" c='2'>&"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
  EXPECT_EQ(escaped("T-shirt/top é"), "T-shirt/top é");
  EXPECT_EQ(escaped(std::string("a\0b\xff", 4)), "a\\x00b\\xff");
  EXPECT_EQ(escaped("two\n\tlines\x1b[2J \u202e"), "two\n\tlines\\x1b[2J \\u202e");
}

TEST(Page, Base64MatchesThePublishedVectors) {  // RFC 4648, section 10
  for (const auto& [raw, coded] : std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                                                   {"f", "Zg=="},
                                                                                   {"fo", "Zm8="},
                                                                                   {"foo", "Zm9v"},
                                                                                   {"foob", "Zm9vYg=="},
                                                                                   {"fooba", "Zm9vYmE="},
                                                                                   {"foobar", "Zm9vYmFy"}})
    EXPECT_EQ(base64(raw), coded);
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(Page, ASectionWithoutABodyIsNotThere) {
  EXPECT_EQ(section("Heading", "Sentence.", ""), "");
  EXPECT_EQ(section("A & b", "x < y.", "<p>body</p>"),
            "<section>\n<h2>A &amp; b</h2>\n<p class=\"lead\">x &lt; y.</p>\n<p>body</p>\n</section>\n");
}

TEST(Page, CellsOfATableAreText) {
  EXPECT_THAT(html_table({"<h>"}, {{{"<b>", "c"}}}),
              ::testing::AllOf(::testing::HasSubstr("<th scope=\"col\">&lt;h&gt;</th>"),
                               ::testing::HasSubstr("<tr><td>&lt;b&gt;</td><td>c</td></tr>")));
}

TEST(Page, WhatIsNoPngIsNoPicture) { EXPECT_EQ(picture_of("GIF89a", "a picture", 100), ""); }

}  // namespace figment
