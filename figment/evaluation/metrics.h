// The list of what `figment evaluate` measures. A metric asks for capabilities, never for a model.
#pragma once
#include <span>
#include <string_view>

#include "figment/evaluation/subject.h"

namespace figment {

/// Figures that come out of one pass over the data.
struct MetricRow {
  std::string_view name;     ///< in the sentence that says which rows are left out
  std::string_view figures;  ///< names of its figures; <k> stands for a number, and terms of a likelihood for their own
  std::string_view needs;    ///< "a likelihood": what a model lacks to which the row does not apply
  bool (*applies)(const Subject&);
  double (*passes)(const Subject&);  ///< how many times an image passes through a network: its share of the progress
  void (*measure)(const Subject&, Evaluation&);
};

std::span<const MetricRow> metric_rows();

/// Every row that applies, in the order of the table; one sentence names the others and what each needs. The default
/// generator is seeded with `seed` for each. `progress` is told the share of all rows that is done, from 0 to 1,
/// between batches and in the caller's thread; it cancels by throwing.
Evaluation measure(Subject, const std::function<void(double done)>& progress);

}  // namespace figment
