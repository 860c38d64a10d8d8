#include "figment/data/tar.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "figment/base/error.h"
#include "figment/data/test_tar.h"

namespace figment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// Hands out bytes, a few at a time.
NextBytes bytes_of(std::string_view archive, size_t most = 1000) {
  return [rest = archive, most](char* to, size_t count) mutable {
    const size_t taken = std::min({count, most, rest.size()});
    std::copy_n(rest.data(), taken, to);
    rest.remove_prefix(taken);
    return taken;
  };
}

/// Name and content of each file. That its bytes lie where the member says is checked.
std::vector<std::pair<std::string, std::string>> files_in(const std::string& archive, size_t most = 1000) {
  std::vector<std::pair<std::string, std::string>> files;
  each_tar_member(bytes_of(archive, most), "x.tar", [&](const TarMember& member, const auto& content) {
    if (!member.is_file) return;
    files.emplace_back(member.name, content());
    EXPECT_EQ(int64_t(files.back().second.size()), member.size);
    EXPECT_EQ(archive.substr(size_t(member.offset), size_t(member.size)), files.back().second) << member.name;
  });
  return files;
}

TEST(Tar, GivesTheFilesInOrderAndSaysWhereTheirBytesLie) {
  const std::vector<std::pair<std::string, std::string>> files = {
      {"a.jpg", "one"}, {"b/c.cls", ""}, {"b/c.jpg", std::string(5000, 'x')}, {"../up", std::string(512, 'y')}};
  for (const size_t most : {size_t(1), size_t(511), size_t(100000)}) EXPECT_EQ(files_in(tar_of(files), most), files);
}

TEST(Tar, WhatWasNotAskedForIsPassedOver) {
  const std::string archive = tar_of({{"a", std::string(3000, 'x')}, {"b", "bb"}, {"c", "c"}});
  std::vector<std::string> seen;
  each_tar_member(bytes_of(archive), "x.tar", [&](const TarMember& member, const auto& content) {
    if (member.name == "b") seen.push_back(content());
  });
  EXPECT_THAT(seen, ElementsAre("bb"));
}

TEST(Tar, ReadsLongNamesOfBothKinds) {
  const std::string pax(300, 'p'), gnu(300, 'g');
  const std::string archive =
      tar_member("PaxHeader/x", pax_setting("path", pax + ".jpg"), 'x') + tar_member("x", "pax") +
      tar_member("././@LongLink", gnu + ".jpg" + std::string(1, '\0'), 'L') + tar_member("y", "gnu") + tar_end();
  EXPECT_THAT(files_in(archive), ElementsAre(std::pair(pax + ".jpg", "pax"), std::pair(gnu + ".jpg", "gnu")));
}

TEST(Tar, ReadsNamesThatAreNoAscii) {
  const std::string archive =
      tar_member("PaxHeader/x", pax_setting("path", "\xc3\xa4.jpg"), 'x') + tar_member("x", "1") + tar_end();
  EXPECT_THAT(files_in(archive), ElementsAre(std::pair("\xc3\xa4.jpg", "1")));
}

TEST(Tar, FoldersAreNoMembersAndLinksNoFiles) {
  const std::string archive =
      tar_member("d/", "", '5') + tar_member("d/link", "", '2') + tar_member("d/x", "1") + tar_end();
  std::vector<std::pair<std::string, bool>> seen;
  each_tar_member(bytes_of(archive), "x.tar",
                  [&](const TarMember& member, const auto&) { seen.emplace_back(member.name, member.is_file); });
  EXPECT_THAT(seen, ElementsAre(std::pair("d/link", false), std::pair("d/x", true)));
}

TEST(Tar, ADamagedOrTruncatedArchiveIsASentenceAfterWhatStandsBefore) {
  const std::string good = tar_of({{"a", std::string(700, 'x')}, {"b", std::string(700, 'y')}});
  const size_t second = 512 + 1024;
  std::string wrong_sum = good, huge = good;
  wrong_sum[second] = 'z';
  huge.replace(second + 124, 12, "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12);  // in the base of 256
  set_tar_checksum(huge, second);
  for (const std::string& damaged : {good.substr(0, second + 100), good.substr(0, second + 900), wrong_sum, huge}) {
    std::vector<std::string> seen;
    const auto read = [&] {
      each_tar_member(bytes_of(damaged), "x.tar", [&](const TarMember& member, const auto& content) {
        const std::string bytes = content();
        seen.push_back(member.name);
      });
    };
    EXPECT_THAT(read, ThrowsMessage<DataError>(HasSubstr("x.tar: the archive is ")));
    EXPECT_THAT(seen, ElementsAre("a"));
  }
}

TEST(Tar, WhatIsNoArchiveIsRefused) {
  for (const std::string& bytes :
       {std::string(), std::string("hello"), std::string("\x1f\x8b") + std::string(2000, 'x'), std::string(2000, 'x')})
    EXPECT_THAT([&] { files_in(bytes); }, ThrowsMessage<DataError>(HasSubstr("x.tar: "))) << bytes.substr(0, 10);
  EXPECT_THAT([] { files_in(std::string("\x1f\x8b") + std::string(2000, 'x')); },
              ThrowsMessage<DataError>(HasSubstr("is no tar archive; if it is compressed, unpack it")));
  EXPECT_TRUE(files_in(tar_end()).empty()) << "an archive without a member is one";
}

TEST(Tar, WhatTheReaderOfTheFileThrowsComesThrough) {
  const std::string archive = tar_of({{"a", std::string(3000, 'x')}});
  size_t given = 0;
  const NextBytes breaks = [&](char* to, size_t) -> size_t {
    if (given >= 1000) throw FileError("the drive is gone");
    std::copy_n(archive.data() + given, 500, to);
    return given += 500, size_t(500);
  };
  EXPECT_THAT([&] { each_tar_member(breaks, "x.tar", [](const TarMember&, const auto&) {}); },
              ThrowsMessage<FileError>("the drive is gone"));
}

TEST(Tar, IsReadToTheEndOfTheFile) {
  const std::string archive = tar_of({{"a", "1"}}) + std::string(300000, 'x');
  size_t read = 0;
  const NextBytes next = bytes_of(archive);
  each_tar_member(
      [&](char* to, size_t count) {
        const size_t got = next(to, count);
        return read += got, got;
      },
      "x.tar", [](const TarMember&, const auto&) {});
  EXPECT_EQ(read, archive.size());
}

}  // namespace
}  // namespace figment
