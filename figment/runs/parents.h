// Roles of parent runs: the required capability of each.
#pragma once
#include <string_view>

#include "figment/contracts/capabilities.h"
#include "figment/contracts/entry.h"
#include "figment/runs/loaded_run.h"

namespace figment {

/// What is wrong with a run that is to extract features and cannot.
inline constexpr std::string_view kNoFeatures = "has no features of images; name a classifier";

/// Throws RunError where a parent's model cannot do what its role asks.
void expect_able(const std::string& role, const LoadedRun& parent);

/// Throws ConfigError where a model has no use for a parent in this role, since a user would think that it is used.
/// `name` is the model's own.
void expect_used(const std::string& role, Model&, const Entry&, const std::string& name);

/// The parent in this role as what it can do; null where the run has none. Throws RunError as expect_able does.
template <class C>
C* parent_as(const Parents& parents, const char* role) {
  const auto found = parents.find(role);
  if (found == parents.end()) return nullptr;
  expect_able(role, found->second);
  return dynamic_cast<C*>(found->second.model.get());
}
inline EncodesDiscrete* code_maker(const Parents& parents) { return parent_as<EncodesDiscrete>(parents, kCodesRole); }

/// The parents' models as a new model sees them, frozen. They must outlive it.
Helpers helpers_of(const Parents&);

}  // namespace figment
