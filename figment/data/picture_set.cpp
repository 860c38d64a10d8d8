#include "figment/data/picture_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

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

/// How many of the examples that were read each class has.
Counts counts_of_classes(const std::vector<std::string>& names, const SelectedFiles& selected) {
  std::map<std::string, int64_t> counts;
  for (const std::string& name : names) counts[name] = 0;
  for (const std::vector<int64_t>& rows : selected.rows)
    for (const int64_t row : rows)
      if (!names.empty()) ++counts[selected.files[size_t(row)].class_name];
  return {counts.begin(), counts.end()};
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

Datasets open_pictures(const PictureListing& given, const DataOptions& options, const std::vector<Split>& splits,
                       const Opening& opening, int64_t most_bytes_kept) {
  const auto opens = [&](Split split) { return std::ranges::find(splits, split) != splits.end(); };
  const bool trains = opens(Split::kTrain), whole = opens(Split::kAll);
  PictureListing listing = given;
  if (whole) listing.files = taken_whole(std::move(listing.files), opening.may_lack_classes);
  const ImageFiles& all = listing.files;
  if (options.strict) refuse(all.skipped, listing.where);
  DataSpec stored;
  if (listing.pairs) stored.condition.image = PixelSpec{};
  expect_kinds(stored.condition, opening.like, listing.where);
  const std::vector<ConformedAttribute> classes = conformed(attributes_of(all), opening, listing.where);
  SelectedFiles selected = selected_files(listing, options, splits, opening);
  const int64_t free = free_memory();  // before it is filled with the files' bytes
  FileBytes bytes(most_bytes_kept / 2);
  const Targets chosen =
      targets_of(listing, options, opening.like, selected.files, bytes, part_of_progress(opening.go_on, 0, kOfHeaders));
  const std::vector<PixelSpec>& targets = chosen.pixels;
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
    Opening all_of_it = opening;
    all_of_it.most = 0;
    return open_pictures(given, options, splits, all_of_it, most_bytes_kept);
  }
  if (options.strict) refuse(skipped, listing.where);
  if (trains || whole)
    append(*opening.skipped, all.skipped);
  else if (!all.skipped.empty())  // they are not known to belong to these splits
    opening.notes->push_back(fmt::format("{} of the folder cannot be used, the first is {}: {}",
                                         counted(int64_t(all.skipped.size()), "file"), all.skipped[0].name,
                                         all.skipped[0].reason));
  append(*opening.skipped, skipped);
  append(*opening.notes, all.notes);
  append(*opening.notes, all.aside_notes);
  append(*opening.notes, chosen.notes);
  std::vector<bool> is_test(decoded.facts.size());
  for (size_t i = 0; i < splits.size(); ++i)
    for (const int64_t row : selected.rows[i]) is_test[size_t(row)] = splits[i] == Split::kTest;
  append(*opening.notes, remarks_on(decoded.facts, is_test, options));
  if (trains || whole) {  // of a part they say little
    if (chosen.notes.empty()) append(*opening.notes, remarks_on_sizes(decoded.facts, options));
    append(*opening.notes, remarks_on_classes(counts_of_classes(all.classes, selected)));
  }

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
                                                      geometry_options(options, splits[i], opening.augmented),
                                                      [names](int64_t row) { return (*names)[size_t(row)]; }));
  }
  return sets;
}

}  // namespace figment
