// What measuring a model gives, free of the engine.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "figment/config/json.h"

namespace figment {

struct Metric {
  std::string name = {}, unit = {}, split = {};
  double value = 0;
  std::optional<double> spread = {};  ///< standard error of the mean over images
  int64_t n = 0, seed = 0;
};

struct Evaluation {
  std::vector<Metric> metrics = {};
  std::vector<std::string> left_out = {};  ///< sentences: what does not apply, and why
  std::vector<std::string> warnings = {};  ///< sentences in plain words: posterior collapse …
  struct Series {
    std::string name, caption;
    std::vector<double> values;
  };
  std::vector<Series> series = {};  ///< "kl_nats_per_dimension"
};

/// {"metrics": {name: {"value", "unit", "split", "n", "seed", "spread"}}, "left_out", "warnings",
///  "series": {name: {"caption", "values"}}}
inline Json to_json(const Evaluation& evaluation) {
  Json metrics = Json::object(), series = Json::object();
  for (const Metric& m : evaluation.metrics) {
    Json& row =
        metrics[m.name] = {{"value", m.value}, {"unit", m.unit}, {"split", m.split}, {"n", m.n}, {"seed", m.seed}};
    if (m.spread) row["spread"] = *m.spread;
  }
  for (const auto& s : evaluation.series) series[s.name] = {{"caption", s.caption}, {"values", s.values}};
  return {
      {"metrics", metrics}, {"left_out", evaluation.left_out}, {"warnings", evaluation.warnings}, {"series", series}};
}

}  // namespace figment
