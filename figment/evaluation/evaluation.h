// What measuring a model gives, free of the engine.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "figment/config/json.h"
#include "figment/media/image.h"

namespace figment {

struct Metric {
  std::string name = {}, unit = {}, split = {};
  double value = 0;
  std::optional<double> spread =
      {};  ///< standard error over images, or the deviation of subsets where a metric is made of such
  int64_t n = 0, seed = 0;
};

struct Evaluation {
  int64_t images = 0;        ///< seen by the checkpoint that was measured
  bool of_training = false;  ///< whether it was measured on images that the run learned from; not in the JSON
  std::vector<Metric> metrics = {};
  std::vector<std::string> left_out = {};  ///< sentences: what does not apply, and why
  std::vector<std::string> warnings = {};  ///< sentences in plain words: dead codes …
  struct Series {
    std::string name, caption;
    std::vector<double> values;
  };
  std::vector<Series> series = {};  ///< "kl_nats_per_dimension"
  struct Histogram {
    std::string name, caption, unit;
    double bin = 0;  ///< width; the first begins at 0, the last holds all that lies beyond
    std::vector<std::pair<std::string, std::vector<double>>> shares;  ///< "drawn", "real"
  };
  std::vector<Histogram> histograms = {};
  std::vector<Picture> pictures = {};  ///< not in the JSON
  struct Parent {
    std::string path, weights;  ///< weights: hash
  };
  std::map<std::string, Parent> parents = {};  ///< networks that measured, by role: "features"
};

/// {"checkpoint": images, "metrics": {name: {"value", "unit", "split", "n", "seed", "spread"}}, "left_out", "warnings",
///  "series": {name: {"caption", "values"}}, "histograms": {name: {"caption", "unit", "bin", "shares": {"drawn": [],
///  …}}}, "parents": {role: {"path", "weights"}}}
inline Json to_json(const Evaluation& evaluation) {
  Json metrics = Json::object(), series = Json::object(), histograms = Json::object();
  for (const Metric& m : evaluation.metrics) {
    Json& row =
        metrics[m.name] = {{"value", m.value}, {"unit", m.unit}, {"split", m.split}, {"n", m.n}, {"seed", m.seed}};
    if (m.spread) row["spread"] = *m.spread;
  }
  for (const auto& s : evaluation.series) series[s.name] = {{"caption", s.caption}, {"values", s.values}};
  for (const auto& h : evaluation.histograms) {
    histograms[h.name] = {{"caption", h.caption}, {"unit", h.unit}, {"bin", h.bin}, {"shares", Json::object()}};
    for (const auto& [whose, shares] : h.shares) histograms[h.name]["shares"][whose] = shares;
  }
  Json parents = Json::object();
  for (const auto& [role, parent] : evaluation.parents)
    parents[role] = {{"path", parent.path}, {"weights", parent.weights}};
  return {{"checkpoint", evaluation.images},
          {"metrics", metrics},
          {"left_out", evaluation.left_out},
          {"warnings", evaluation.warnings},
          {"series", series},
          {"histograms", histograms},
          {"parents", parents}};
}

}  // namespace figment
