#include "figment/pages/ticks.h"

#include <cmath>

namespace figment {

std::vector<double> nice_ticks(double least, double most, int about) {
  if (!std::isfinite(least) || !std::isfinite(most) || !(least < most) || about < 1) return {};
  const double rough = (most - least) / about / 1.4, power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double nice : {5, 2, 1})
    if (nice * power >= rough) step = nice * power;
  std::vector<double> ticks;
  for (double i = std::ceil(least / step - 1e-9); i * step <= most + 1e-9 * step; ++i) {
    if (!ticks.empty() && !(i * step > ticks.back())) break;  // the step is below the numbers' own precision
    ticks.push_back(i * step + 0.0);                          // never -0
  }
  return ticks;
}

std::vector<double> log_ticks(double least, double most) {
  if (!std::isfinite(most) || !(least > 0) || !(least < most)) return {};
  const bool few_decades = std::log10(most / least) < 3;
  std::vector<double> ticks;
  for (double decade = std::floor(std::log10(least)); decade <= std::log10(most); ++decade)
    for (const double nice : {1, 2, 5}) {
      const double tick = nice * std::pow(10, decade);
      if (tick >= least && tick <= most && (nice == 1 || few_decades)) ticks.push_back(tick);
    }
  return ticks.size() < 2 ? nice_ticks(least, most, 5) : ticks;
}

}  // namespace figment
