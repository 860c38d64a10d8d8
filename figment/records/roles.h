// Roles of parent runs, the runs that another run uses. Free of the engine: recipes are checked against these names.
#pragma once
#include <array>
#include <string_view>

namespace figment {

/// A role of a parent, by which [parents] of a recipe and --parent name it. What the parent's model must be able to do
/// is the row of the same name in runs/parents.cpp.
struct RoleRow {
  std::string_view name, does;
};
inline constexpr auto kRoles = std::to_array<RoleRow>({
    {"codes", "makes the codes that the run learns from, and decodes what it draws"},
    {"coarser", "draws the coarser codes that the run is given"},
    {"encoder", "encodes the user's input as the embedding that the run is conditioned on"},
    {"features", "its features choose the best checkpoint by what the run draws"},
    {"loss", "a frozen network that the loss of the run's model uses"},
    {"second_features", "its features measure what the run draws, too; it chooses nothing"},
});
inline constexpr const char *kCodesRole = "codes", *kCoarserRole = "coarser", *kEncoderRole = "encoder",
                            *kFeaturesRole = "features", *kLossRole = "loss", *kSecondFeaturesRole = "second_features";

}  // namespace figment
