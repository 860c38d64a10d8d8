// A struct with one member of every kind, for the tests of this room.
#pragma once
#include "figment/base/error.h"
#include "figment/config/field.h"

namespace figment {

enum class Colour { kRed, kBlue };
constexpr auto words(Colour) { return std::to_array<std::string_view>({"red", "blue"}); }

struct TestInner {
  int64_t width = 8;
  double rate = 2e-4;
  static constexpr auto schema() {
    return fields(field<&TestInner::width>("inner width", {1, 64}), field<&TestInner::rate>("inner rate"));
  }
};

struct TestSettings {
  bool on = false;
  int64_t count = 3;
  double beta = 1.5;
  std::string word = "plain";
  std::vector<int64_t> sizes = {1, 2};
  std::vector<std::string> tags = {};
  Colour colour = Colour::kRed;
  TestInner inner = {.width = 16};
  static constexpr auto schema() {
    return fields(field<&TestSettings::on>("a switch"), field<&TestSettings::count>("a number", {1, 100}),
                  field<&TestSettings::beta>("a weight", {0, 10}), field<&TestSettings::word>("a word"),
                  field<&TestSettings::sizes>("numbers", {1, 9}), field<&TestSettings::tags>("words"),
                  field<&TestSettings::colour>("a choice"), field<&TestSettings::inner>("a table"));
  }
  void validate() const {
    if (count == 13) throw ConfigError("'count' must not be 13");
  }
};
static_assert(complete<TestSettings>() && complete<TestInner>());

}  // namespace figment
