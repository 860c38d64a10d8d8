// What the catalog asks of a format; each format is one file beside this one.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "figment/data/catalog.h"

namespace figment {

/// A folder, and what is known of it beforehand.
struct Source {
  std::filesystem::path folder = {};
  std::vector<std::string> class_names = {};  ///< empty: what the folder says
};

struct Format {
  std::string_view kind;  ///< "IDX files"
  bool (*recognises)(const std::filesystem::path& folder);
  std::unique_ptr<Dataset> (*open)(const Source&, const DataOptions&, Split, const DataSpec* like,
                                   std::vector<SkippedFile>& skipped);
  DataReport (*report)(const Source&, const DataOptions&);
};

}  // namespace figment
