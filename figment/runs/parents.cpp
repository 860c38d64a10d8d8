// Tested by figment/runs/pipeline_test.cpp.
#include "figment/runs/parents.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/error.h"

namespace figment {
namespace {

template <class C>
bool can(const Model& model) {
  return dynamic_cast<const C*>(&model) != nullptr;
}

/// What a parent in this role must be able to do, and how the sentence goes on where it is not.
struct Ability {
  bool (*able)(const Model&);
  std::string_view otherwise;
};
constexpr auto kAbilities = std::to_array<std::pair<std::string_view, Ability>>({
    {kCodesRole,
     {can<EncodesDiscrete>,
      "makes no codes; name a run that does, a vq_vae. That of a recipe of stages is RUN/STAGE; `figment runs` lists "
      "it"}},
    {kCoarserRole, {can<Samples>, "draws nothing; name the run that draws the coarser codes"}},
    {kEncoderRole, {can<EmbedsConditions>, "makes no embedding of what a person gives; name a run that does"}},
    {kFeaturesRole, {can<EmbedsImages>, "has no features of images; name a classifier"}},
    {kLossRole, {[](const Model&) { return true; }, ""}},  // the model that uses it says what it needs
});
static_assert(std::ranges::equal(kAbilities, kRoles, {}, &std::pair<std::string_view, Ability>::first, &RoleRow::name),
              "each role of records/roles.h has its row here");

}  // namespace

void expect_able(const std::string& role, const LoadedRun& parent) {
  const auto row = std::ranges::find(kAbilities, role, &std::pair<std::string_view, Ability>::first);
  if (row != kAbilities.end() && !row->second.able(*parent.model))
    throw RunError(fmt::format("parents.{}: '{}' is a {}, which {}", role, parent.folder.path().string(),
                               parent.recipe.model, row->second.otherwise));
}

Helpers helpers_of(const Parents& parents) {
  Helpers helpers;
  for (const auto& [role, parent] : parents) helpers.add(role, *parent.model);
  return helpers;
}

}  // namespace figment
