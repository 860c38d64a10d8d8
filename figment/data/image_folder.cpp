#include "figment/data/image_folder.h"

#include "figment/base/machine.h"
#include "figment/data/conform.h"
#include "figment/data/pair_set.h"

namespace figment {
namespace {

bool recognises(const Source& source, const DataOptions&) { return has_images(source.folder); }

Datasets open(const Source& source, const DataOptions& options, const std::vector<Split>& splits,
              const Opening& opening) {
  const PictureListing listing = folder_listing(source, options);
  Datasets sets = open_pictures(listing, options, splits, opening, free_memory() / 2);
  if (auto sentence = may_be_pairs(source, listing.files)) opening.notes->push_back(*sentence);
  return sets;
}

DataReport report(const Source& source, const DataOptions& options, const Progress& go_on) {
  const PictureListing listing = folder_listing(source, options);
  DataReport report = report_pictures(listing, options, go_on);
  if (auto sentence = may_be_pairs(source, listing.files)) report.warnings.push_back(*sentence);
  return report;
}

}  // namespace

PictureListing folder_listing(const Source& source, const DataOptions& options) {
  return {.where = source.folder.string(),
          .files = arranged(source.folder, find_images(source.folder, options.repeat_links)),
          .pictures = [range = value_range(options)](const ImageFile& file) {
            return ExampleFiles{{.file = file, .range = range}};
          }};
}

const Format kImageFolder{.kind = "folder of images", .recognises = recognises, .open = open, .report = report};

}  // namespace figment
