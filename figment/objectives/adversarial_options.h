// The adversarial losses by name, free of the engine.
#pragma once
#include <array>
#include <string_view>

namespace figment {

enum class AdversarialLoss { kMinimax, kNonSaturating, kLeastSquares, kHinge, kWasserstein, kRelativistic };
constexpr auto words(AdversarialLoss) {
  return std::to_array<std::string_view>(
      {"minimax", "non_saturating", "least_squares", "hinge", "wasserstein", "relativistic"});
}

}  // namespace figment
