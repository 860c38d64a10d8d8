// What the catalog asks of a format; each format is one file beside this one. Its settings are a table of its own in
// DataOptions, as [data.pairs] is that of pairs.
#pragma once
#include <string_view>
#include <vector>

#include "figment/data/catalog.h"
#include "figment/data/source.h"

namespace figment {

struct Format {
  std::string_view kind;  ///< "IDX files"
  bool (*recognises)(const Source&, const DataOptions&);
  /// As open_datasets; `Opening::skipped` and `notes` are never null here.
  Datasets (*open)(const Source&, const DataOptions&, const std::vector<Split>&, const Opening&);
  DataReport (*report)(const Source&, const DataOptions&, const Progress&);
  /// Settings of [data] that change nothing of it: one that was given is refused.
  std::vector<std::string_view> without = {};
};

/// A product adds a format of its own, which is asked before the others whether it recognises a source. Called before
/// the first data set is opened, from one thread.
void add_format(const Format&);

}  // namespace figment
