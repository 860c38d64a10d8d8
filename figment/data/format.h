// What the catalog asks of a format; each format is one file beside this one.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "figment/data/catalog.h"
#include "figment/data/source.h"

namespace figment {

struct Format {
  std::string_view kind;  ///< "IDX files"
  bool (*recognises)(const Source&);
  std::unique_ptr<Dataset> (*open)(const Source&, const DataOptions&, Split, const DataSpec* like,
                                   std::vector<SkippedFile>& skipped);
  DataReport (*report)(const Source&, const DataOptions&);
};

}  // namespace figment
