#include "figment/data/image_folder.h"

#include "figment/data/pair_set.h"

namespace figment {
namespace {

bool recognises(const Source& source, const DataOptions&) { return has_images(source.folder); }

Datasets open(const Source& source, const DataOptions& options, const std::vector<Split>& splits,
              const Opening& opening) {
  return open_pictures(folder_listing(source), options, splits, opening, half_of_free_memory());
}

DataReport report(const Source& source, const DataOptions& options) {
  DataReport report = report_pictures(folder_listing(source), options);
  if (auto sentence = may_be_pairs(source, report)) report.warnings.push_back(*sentence);
  return report;
}

}  // namespace

PictureListing folder_listing(const Source& source) {
  return {.where = source.folder.string(),
          .files = arranged(source.folder, find_images(source.folder)),
          .pictures = [](const ImageFile& file) { return ExampleFiles{{.file = file}}; }};
}

const Format kImageFolder{.kind = "folder of images", .recognises = recognises, .open = open, .report = report};

}  // namespace figment
