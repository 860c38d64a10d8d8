#include "figment/data/picture_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/data/column_set.h"
#include "figment/data/conform.h"
#include "figment/data/picture_facts.h"
#include "figment/data/picture_selection.h"

namespace figment {
namespace {

template <class T>
void append(std::vector<T>& all, const std::vector<T>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

std::vector<Attribute> attributes_of(const ImageFiles& files) {
  if (files.classes.empty()) return {};
  return {{.labels = {.names = files.classes}}};
}

/// The class of each file.
Tensor labels_of(const std::vector<ImageFile>& files, const std::vector<std::string>& own,
                 const ConformedAttribute& classes) {
  Tensor labels = torch::empty({int64_t(files.size())}, torch::kInt64);
  for (size_t i = 0; i < files.size(); ++i) {
    const auto place = std::ranges::lower_bound(own, files[i].class_name) - own.begin();
    labels.data_ptr<int64_t>()[i] = classes.number_of[size_t(place)];
  }
  return labels;
}

/// Takes the rows that could not be read out of a split. Throws DataError where none is left.
void leave_out(std::vector<int64_t>& rows, const DecodedPictures& decoded, Split split, bool may_lack_test,
               const std::string& where, std::vector<SkippedFile>& skipped) {
  const SkippedFile* first = nullptr;
  const auto all = int64_t(rows.size());
  std::erase_if(rows, [&](int64_t row) {
    const auto& failure = decoded.failures[size_t(row)];
    if (!failure) return false;
    if (!first) first = &*failure;
    skipped.push_back(*failure);
    return true;
  });
  const bool may_be_empty = split == Split::kValidation || (split == Split::kTest && may_lack_test);
  if (rows.empty() && !may_be_empty)
    throw DataError(fmt::format("{}: none of its {} can be read{}", where, counted(all, "image"),
                                first ? fmt::format("; the first, {}: {}", first->name, first->reason) : ""));
}

}  // namespace

Datasets open_pictures(const PictureListing& listing, const DataOptions& options, const std::vector<Split>& splits,
                       const Opening& opening, int64_t most_bytes_kept) {
  const ImageFiles& all = listing.files;
  if (options.strict) refuse(all.skipped, listing.where);
  DataSpec stored;
  if (listing.pairs) stored.condition.image = PixelSpec{};
  expect_kinds(stored.condition, opening.like, listing.where);
  const std::vector<ConformedAttribute> classes = conformed(attributes_of(all), opening.like, listing.where);
  SelectedFiles selected = selected_files(listing, options, splits, opening);
  const int64_t free = free_memory();  // before it is filled with the files' bytes
  FileBytes bytes(most_bytes_kept / 2);
  const Targets chosen =
      targets_of(listing, options, opening.like, selected.files, bytes, part_of_progress(opening.go_on, 0, kOfHeaders));
  const std::vector<PixelSpec>& targets = chosen.pixels;
  const bool trains = std::ranges::find(splits, Split::kTrain) != splits.end();
  const auto fault = memory_fault(targets, options, int64_t(selected.files.size()), free / 2);
  if (fault && trains && opening.most == 0) throw DataError(fmt::format("{}: {}", listing.where, *fault));
  std::vector<ExampleFiles> examples = examples_of(listing, selected.files);
  for (ExampleFiles& example : examples) example.resize(targets.size());
  DecodedPictures decoded =
      decode_all(examples, targets, bytes, most_bytes_kept, part_of_progress(opening.go_on, kOfHeaders, 1));
  std::vector<SkippedFile> skipped;
  for (size_t i = 0; i < splits.size(); ++i)
    leave_out(selected.rows[i], decoded, splits[i], opening.may_lack_test, listing.where, skipped);
  if (opening.most > 0 && !skipped.empty()) {  // others must stand in for them
    Opening whole = opening;
    whole.most = 0;
    return open_pictures(listing, options, splits, whole, most_bytes_kept);
  }
  if (options.strict) refuse(skipped, listing.where);
  if (trains) append(*opening.skipped, all.skipped);
  append(*opening.skipped, skipped);
  if (trains) append(*opening.notes, all.notes);
  if (trains) append(*opening.notes, chosen.notes);
  append(*opening.notes, remarks_on(decoded.facts, std::vector<bool>(decoded.facts.size()), options));

  stored.x = targets[0];
  stored.condition.image = targets.size() > 1 ? std::optional(targets[1]) : std::nullopt;
  stored.condition.labels = label_specs(classes);
  Batch labels;
  for (const ConformedAttribute& attribute : classes)
    labels.condition.labels.push_back(labels_of(selected.files, all.classes, attribute));
  decoded.columns.push_back(std::make_shared<RowsColumn>(std::move(labels)));
  const auto names = std::make_shared<std::vector<std::string>>();
  for (const ImageFile& file : selected.files) names->push_back(file.name);
  Datasets sets;
  for (size_t i = 0; i < splits.size(); ++i) {
    const bool none = selected.rows[i].empty() && splits[i] == Split::kTest;
    sets.push_back(none ? nullptr
                        : std::make_unique<ColumnSet>(stored, decoded.columns, std::move(selected.rows[i]),
                                                      geometry_options(options, splits[i], opening.augmented), names));
  }
  return sets;
}

}  // namespace figment
