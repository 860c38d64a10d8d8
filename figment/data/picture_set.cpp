#include "figment/data/picture_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <set>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/data/column_set.h"
#include "figment/data/conform.h"
#include "figment/data/parallel.h"

namespace figment {
namespace {

void refuse(const std::vector<SkippedFile>& skipped, std::string_view where) {
  if (skipped.empty()) return;
  throw DataError(fmt::format(
      "{}: {} cannot be read, the first is {}: {}; mend or remove what is named by the data report, or leave "
      "data.strict off",
      where, counted(int64_t(skipped.size()), "file"), skipped[0].name, skipped[0].reason));
}

std::vector<ImageFile> files_of(const ImageFiles& all, Split split, const DataOptions& options) {
  if (split == Split::kTest) return all.test;
  std::vector<ImageFile> files;
  for (const int64_t row : rows_of(split, int64_t(all.train.size()), options)) files.push_back(all.train[size_t(row)]);
  return files;
}

std::vector<ExampleFiles> examples_of(const PictureListing& listing, const std::vector<ImageFile>& files) {
  std::vector<ExampleFiles> examples;
  for (const ImageFile& file : files) examples.push_back(listing.pictures(file));
  return examples;
}

/// The files of some splits, one split after the other.
struct SelectedFiles {
  std::vector<ImageFile> files = {};
  std::vector<std::vector<int64_t>> rows = {};  // of each split
};

SelectedFiles selected_files(const PictureListing& listing, const DataOptions& options,
                             const std::vector<Split>& splits, int64_t most) {
  SelectedFiles selected;
  for (const Split split : splits) {
    std::vector<ImageFile> files = files_of(listing.files, split, options);
    if (most > 0 && int64_t(files.size()) > most) files.resize(size_t(most));
    if (files.empty() && split == Split::kTest)
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

/// What each picture of an example is brought to. The headers of all training files decide where nothing else does.
std::vector<PixelSpec> targets_of(const PictureListing& listing, const DataOptions& options, const DataSpec* like,
                                  const std::vector<ImageFile>& selected, FileBytes& bytes) {
  std::vector<PixelSpec> own(listing.pairs ? 2 : 1);
  if (!extents_known(options, like)) {
    std::set<std::string> kept;
    for (const ImageFile& file : selected) kept.insert(file.path.string());
    std::vector<bool> keep;
    for (const ImageFile& file : listing.files.train) keep.push_back(kept.contains(file.path.string()));
    if (!keep.empty()) own = own_pixels(examples_of(listing, listing.files.train), keep, bytes);
  }
  std::vector<PixelSpec> targets = {target_pixels(own[0], options, like)};
  if (!listing.pairs || (like && !like->condition.image)) return targets;
  targets.push_back(targets[0]);
  targets[1].channels = like                   ? like->condition.image->channels
                        : options.channels > 0 ? options.channels
                                               : own[1].channels;
  return targets;
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
void leave_out(std::vector<int64_t>& rows, const DecodedPictures& decoded, Split split, const std::string& where,
               std::vector<SkippedFile>& skipped) {
  const SkippedFile* first = nullptr;
  const auto all = int64_t(rows.size());
  std::erase_if(rows, [&](int64_t row) {
    const auto& failure = decoded.failures[size_t(row)];
    if (!failure) return false;
    if (!first) first = &*failure;
    skipped.push_back(*failure);
    return true;
  });
  if (rows.empty() && split != Split::kValidation)
    throw DataError(fmt::format("{}: none of its {} can be read{}", where, counted(all, "image"),
                                first ? fmt::format("; the first, {}: {}", first->name, first->reason) : ""));
}

std::vector<std::pair<std::string, int64_t>> most_frequent(const std::map<std::string, int64_t>& counts, size_t most) {
  std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater{}, &std::pair<std::string, int64_t>::second);
  if (sorted.size() > most) sorted.resize(most);
  return sorted;
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
  SelectedFiles selected = selected_files(listing, options, splits, opening.most);
  FileBytes bytes(most_bytes_kept / 2);
  const std::vector<PixelSpec> targets = targets_of(listing, options, opening.like, selected.files, bytes);
  cropped(targets[0], geometry_options(options, Split::kTrain, false));  // throws before anything is decoded
  std::vector<ExampleFiles> examples = examples_of(listing, selected.files);
  for (ExampleFiles& example : examples) example.resize(targets.size());
  DecodedPictures decoded = decode_all(examples, targets, bytes, most_bytes_kept);
  std::vector<SkippedFile> skipped;
  for (size_t i = 0; i < splits.size(); ++i) leave_out(selected.rows[i], decoded, splits[i], listing.where, skipped);
  if (opening.most > 0 && !skipped.empty()) {  // others must stand in for them
    Opening whole = opening;
    whole.most = 0;
    return open_pictures(listing, options, splits, whole, most_bytes_kept);
  }
  if (options.strict) refuse(skipped, listing.where);
  if (std::ranges::find(splits, Split::kTrain) != splits.end())
    opening.skipped->insert(opening.skipped->end(), all.skipped.begin(), all.skipped.end());
  opening.skipped->insert(opening.skipped->end(), skipped.begin(), skipped.end());

  stored.x = targets[0];
  stored.condition.image = targets.size() > 1 ? std::optional(targets[1]) : std::nullopt;
  stored.condition.labels = label_specs(classes);
  Batch labels;
  for (const ConformedAttribute& attribute : classes)
    labels.condition.labels.push_back(labels_of(selected.files, all.classes, attribute));
  decoded.columns.push_back(std::make_shared<RowsColumn>(std::move(labels)));
  Datasets sets;
  for (size_t i = 0; i < splits.size(); ++i)
    sets.push_back(std::make_unique<ColumnSet>(stored, decoded.columns, std::move(selected.rows[i]),
                                               geometry_options(options, splits[i], opening.augmented)));
  return sets;
}

DataReport report_pictures(const PictureListing& listing, const DataOptions& options) {
  const ImageFiles& all = listing.files;
  DataReport report{.skipped = all.skipped, .warnings = all.notes};
  std::map<std::string, int64_t> sizes, modes, classes;
  for (const std::string& name : all.classes) classes[name] = 0;
  FileBytes bytes(0);
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) {
    const std::vector<ImageFile> files = files_of(all, split, options);
    std::vector<std::vector<ImageInfo>> infos(files.size());
    std::vector<std::optional<SkippedFile>> failures(files.size());
    in_parallel(int64_t(files.size()), [&](int64_t i) {
      const ExampleFiles example = listing.pictures(files[size_t(i)]);
      failures[size_t(i)] = failure_of(example, [&] {
        decode_example(example, [&](const ImageFile& file) { return bytes.take(file); }, {}, &infos[size_t(i)]);
      });
    });
    int64_t& count = split == Split::kTrain        ? report.train
                     : split == Split::kValidation ? report.validation
                                                   : report.test;
    for (size_t i = 0; i < files.size(); ++i) {
      if (failures[i]) {
        report.skipped.push_back(*failures[i]);
        continue;
      }
      ++count;
      ++sizes[fmt::format("{}x{}", infos[i].front().width, infos[i].front().height)];
      for (const ImageInfo& info : infos[i]) ++modes[fmt::format("{} {} bit", info.mode, info.bits)];
      if (!all.classes.empty()) ++classes[files[i].class_name];
    }
  }
  std::ranges::sort(report.skipped, {}, &SkippedFile::name);
  if (options.strict) refuse(report.skipped, listing.where);
  report.classes.assign(classes.begin(), classes.end());
  report.sizes = most_frequent(sizes, 12);
  report.modes = most_frequent(modes, modes.size());
  return report;
}

int64_t half_of_free_memory() {
  int64_t free = std::numeric_limits<int64_t>::max(), limit = 0, used = 0;
  std::string word;
  for (std::ifstream in("/proc/meminfo"); in >> word;)
    if (word == "MemAvailable:" && in >> limit) free = limit * 1024;
  std::ifstream current("/sys/fs/cgroup/memory.current");
  if (std::ifstream most("/sys/fs/cgroup/memory.max"); most >> limit && current >> used)
    free = std::min(free, limit - used);
  return free / 2;
}

}  // namespace figment
