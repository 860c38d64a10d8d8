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

/// What the run's model takes when it draws; nothing where it does not draw.
ConditionSpec taken(Model& model) {
  auto* samples = dynamic_cast<Samples*>(&model);
  return samples ? samples->takes() : ConditionSpec{};
}

/// A parent must be able to do what its role asks, and the run's model must have a use for it; how the sentence goes on
/// where they do not.
struct Demand {
  std::string_view role;
  bool (*able)(const Model& parent);
  std::string_view cannot;
  bool (*used)(Model& child, const Entry&);
  std::string_view unused;
};
bool always(Model&, const Entry&) { return true; }
bool draws(Model& child, const Entry&) { return dynamic_cast<Samples*>(&child) != nullptr; }
constexpr std::string_view kNoSamples = "draws no samples that could be scored";

constexpr auto kDemands = std::to_array<Demand>({
    {kCodesRole, can<EncodesDiscrete>,
     "makes no codes; name a vq_vae run. For a stage of a recipe of stages write RUN/STAGE; `figment runs` lists it",
     always, ""},  // what x may hold is checked by expect_takes
    {kCoarserRole, can<Samples>, "draws nothing; name the run that draws the coarser codes",
     [](Model& child, const Entry&) { return !taken(child).codes.empty(); }, "takes no coarser codes"},
    {kEncoderRole, can<EmbedsConditions>, "makes no embedding of what a person gives; name a run that does",
     [](Model& child, const Entry&) { return taken(child).embedding.has_value(); }, "takes no embedding"},
    {kFeaturesRole, can<EmbedsImages>, kNoFeatures, draws, kNoSamples},
    {kLossRole, [](const Model&) { return true; }, "",  // the model that uses it says what it needs
     [](Model&, const Entry& entry) { return std::ranges::count(entry.helpers, kLossRole) > 0; },
     "uses no other network in its loss"},
    {kSecondFeaturesRole, can<EmbedsImages>, kNoFeatures, draws, kNoSamples},
});
static_assert(std::ranges::equal(kDemands, kRoles, {}, &Demand::role, &RoleRow::name),
              "each role of records/roles.h has its row here");

const Demand& demand_of(const std::string& role) { return *std::ranges::find(kDemands, role, &Demand::role); }

}  // namespace

void expect_able(const std::string& role, const LoadedRun& parent) {
  if (const Demand& demand = demand_of(role); !demand.able(*parent.model))
    throw RunError(fmt::format("parents.{}: '{}' is a {}, which {}", role, parent.folder.path().string(),
                               parent.recipe.model, demand.cannot));
}

void expect_used(const std::string& role, Model& model, const Entry& entry, const std::string& name) {
  if (const Demand& demand = demand_of(role); !demand.used(model, entry))
    throw ConfigError(fmt::format("parents.{}: a {} {}; leave it out", role, name, demand.unused));
}

Helpers helpers_of(const Parents& parents) {
  Helpers helpers;
  for (const auto& [role, parent] : parents) helpers.add(role, *parent.model);
  return helpers;
}

}  // namespace figment
