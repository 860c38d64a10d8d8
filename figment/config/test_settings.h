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

/// A table with a rule of its own.
struct TestOrdered {
  int64_t least = 1, most = 2;
  static constexpr auto schema() {
    return fields(field<&TestOrdered::least>("the smaller one"), field<&TestOrdered::most>("the larger one"));
  }
  void validate() const {
    if (least > most) throw ConfigError("'least' must not exceed 'most'");
  }
};

/// Settings that are used in some cases only.
struct TestUses {
  Colour colour = Colour::kRed;
  int64_t depth = 0;
  TestInner inner = {.width = 16};
  int64_t only_blue = 10;
  double rate = 0, either = 0.5;
  TestOrdered ordered;
  static constexpr auto schema() {
    return fields(field<&TestUses::colour>("decides"), field<&TestUses::depth>("decides too"),
                  field<&TestUses::inner>("a table").used_when<&TestUses::depth>(Above{1}),
                  field<&TestUses::only_blue>("a number", {1, 100}).used_when<&TestUses::colour>(Colour::kBlue),
                  field<&TestUses::rate>("used and decides").used_when<&TestUses::colour>(Colour::kBlue),
                  field<&TestUses::either>("two cases")
                      .used_when<&TestUses::depth>(Above{0})
                      .used_when<&TestUses::rate>(Above{0.5}),
                  field<&TestUses::ordered>("a table with a rule"));
  }
};
static_assert(complete<TestSettings>() && complete<TestInner>() && complete<TestOrdered>() && complete<TestUses>());

}  // namespace figment
