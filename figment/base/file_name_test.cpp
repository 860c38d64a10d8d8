#include "figment/base/file_name.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"

namespace figment {
namespace {
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(FileName, OneSafeComponentIsTaken) {
  for (const std::string& name : {std::string("codes"), std::string("0001-vae"), std::string("a b"), std::string("x.y"),
                                  std::string("größer"), std::string(100, 'a')})
    EXPECT_NO_THROW(expect_file_name("stages", name)) << name;
}

TEST(FileName, WhatLeadsElsewhereIsRefused) {
  for (const std::string& name :
       {std::string(), std::string("/victim/"), std::string("/"), std::string("a/b"), std::string("../x"),
        std::string("."), std::string(".."), std::string(".hidden"), std::string("-rf"), std::string("a\0b", 3),
        std::string("a\nb"), std::string("\x1b[2J"), std::string("\x7f"), std::string(101, 'a')})
    EXPECT_THAT([&] { expect_file_name("stages", name); },
                ThrowsMessage<ConfigError>(
                    AllOf(HasSubstr("stages: the name of a file or folder must"), HasSubstr("choose another name"))))
        << name;
}

TEST(FileName, TheSentenceHoldsNoRawControlCharacters) {
  EXPECT_THAT([] { expect_file_name("stages", "a\x1b\n"); }, ThrowsMessage<ConfigError>(HasSubstr(R"("a\x1b\n")")));
}

}  // namespace
}  // namespace figment
