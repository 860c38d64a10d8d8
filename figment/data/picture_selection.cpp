#include "figment/data/picture_selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/data/conform.h"

namespace figment {

void refuse(const std::vector<SkippedFile>& skipped, std::string_view where) {
  if (skipped.empty()) return;
  throw DataError(fmt::format(
      "{}: {} cannot be read, the first is {}: {}; mend or remove what is named by the data report, or leave "
      "data.strict off",
      where, counted(int64_t(skipped.size()), "file"), skipped[0].name, skipped[0].reason));
}

std::vector<ImageFile> files_of(const ImageFiles& all, Split split, const DataOptions& options) {
  if (split == Split::kTest) return all.test;
  if (split == Split::kAll) {
    std::vector<ImageFile> files = all.train;
    for (const auto* part : {&all.test, &all.aside}) files.insert(files.end(), part->begin(), part->end());
    std::ranges::sort(files, {}, &ImageFile::name);
    return files;
  }
  std::vector<ImageFile> files;
  for (const int64_t row : rows_of(split, int64_t(all.train.size()), options)) files.push_back(all.train[size_t(row)]);
  return files;
}

std::vector<ExampleFiles> examples_of(const PictureListing& listing, const std::vector<ImageFile>& files) {
  std::vector<ExampleFiles> examples;
  for (const ImageFile& file : files) examples.push_back(listing.pictures(file));
  return examples;
}

SelectedFiles selected_files(const PictureListing& listing, const DataOptions& options,
                             const std::vector<Split>& splits, const Opening& opening) {
  SelectedFiles selected;
  for (const Split split : splits) {
    std::vector<ImageFile> files = files_of(listing.files, split, options);
    if (opening.most > 0 && int64_t(files.size()) > opening.most) files.resize(size_t(opening.most));
    if (files.empty() && split == Split::kTest && !opening.may_lack_test)
      throw DataError(fmt::format("{}: none of its {} is set apart for testing; sort them into train/ and test/",
                                  listing.where, counted(int64_t(listing.files.train.size()), "image")));
    selected.rows.emplace_back();
    for (const ImageFile& file : files) {
      selected.rows.back().push_back(int64_t(selected.files.size()));
      selected.files.push_back(file);
    }
  }
  return selected;
}

Targets targets_of(const PictureListing& listing, const DataOptions& options, const DataSpec* like,
                   const std::vector<ImageFile>& selected, FileBytes& bytes, const Progress& go_on) {
  std::vector<PixelSpec> own(listing.pairs ? 2 : 1);
  Targets result;
  if (!extents_known(options, like)) {
    std::set<std::string> kept;
    for (const ImageFile& file : selected) kept.insert(file.path.string());
    std::vector<bool> keep;
    for (const ImageFile& file : listing.files.train) keep.push_back(kept.contains(file.path.string()));
    if (!keep.empty()) {
      OwnPixels found = own_pixels(examples_of(listing, listing.files.train), options.crop > 0, keep, bytes, go_on);
      own = std::move(found.pixels);
      if (options.size == 0 && !found.choice.empty()) result.notes.push_back(std::move(found.choice));
    }
  }
  std::vector<PixelSpec>& targets = result.pixels;
  targets = {target_pixels(own[0], options, like)};
  if (!listing.pairs || (like && !like->condition.image)) return result;
  targets.push_back(targets[0]);
  targets[1].channels = like                   ? like->condition.image->channels
                        : options.channels > 0 ? options.channels
                                               : own[1].channels;
  return result;
}

}  // namespace figment
