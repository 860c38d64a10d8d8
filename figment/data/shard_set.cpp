#include "figment/data/shard_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/data/column_set.h"
#include "figment/data/conform.h"
#include "figment/data/found_images.h"
#include "figment/data/picture_facts.h"
#include "figment/data/picture_selection.h"
#include "figment/data/shards.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

template <class T>
void append(std::vector<T>& all, const std::vector<T>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

constexpr int64_t kMostBytesOfNames = int64_t(1) << 22;

/// The lines of `classes.txt` beside the first shard; nothing where there is no such file.
std::vector<std::string> names_of_classes(const Source& source) {
  const fs::path file = source.shards.front().parent_path() / "classes.txt";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  std::vector<std::string> names;
  std::string text = read_file(file, kMostBytesOfNames), line;
  for (std::istringstream lines(text); std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line != readable_name(line)) throw DataError(fmt::format("{}: names of classes must be UTF-8", file.string()));
    names.push_back(line);
  }
  while (!names.empty() && names.back().empty()) names.pop_back();
  return names;
}

/// What a source holds: which rows are used, and what is known of them before a picture is read.
struct Opened {
  std::string where = {};
  std::shared_ptr<const Shards> shards = {};
  std::vector<int64_t> train = {}, test = {};  // rows
  std::vector<Attribute> attributes = {};      // the class, where the samples have one
  std::vector<std::string> notes = {};
  Sizes sizes = {};
  std::map<std::string, int64_t> modes = {};

  int64_t size() const { return int64_t(train.size() + test.size()); }
  template <class F>
  void each_row(F&& f) const {
    for (const auto* rows : {&train, &test})
      for (const int64_t row : *rows) f(row);
  }
};

/// The classes that these samples have.
std::vector<Attribute> classes_of(const Opened& all, const Source& source) {
  int32_t most = -1;
  int64_t row_of_most = 0;
  all.each_row([&](int64_t row) {
    if (const int32_t label = all.shards->sample(row).label; label > most) most = label, row_of_most = row;
  });
  if (most < 0) return {};
  Attribute classes{.labels = {.names = names_of_classes(source)}};
  std::vector<std::string>& names = classes.labels.names;
  classes.numbered = names.empty();
  if (classes.numbered)
    for (int32_t i = 0; i <= most; ++i) names.push_back(std::to_string(i));
  if (most >= int64_t(names.size()))
    throw DataError(fmt::format("{}: {} is of class {}, and classes.txt beside the shards names {} (the first is 0)",
                                all.where, all.shards->name(row_of_most), most,
                                names.size() == 1 ? "1 class" : with_commas(int64_t(names.size())) + " classes"));
  return {classes};
}

/// Leaves out a few samples without a class; where they are many, none has one.
void settle_classes(Opened& all, const Source& source) {
  const auto lacks = [&](int64_t row) { return all.shards->sample(row).label < 0; };
  int64_t lacking = 0;
  all.each_row([&](int64_t row) { lacking += lacks(row); });
  if (lacking == all.size()) return;
  if (10 * lacking >= all.size()) {
    all.notes.push_back(fmt::format("the images are taken without classes, since {} no .cls",
                                    lacking == 1 ? "1 sample has" : with_commas(lacking) + " samples have"));
    return;
  }
  if (lacking > 0) {
    std::erase_if(all.train, lacks), std::erase_if(all.test, lacks);
    all.notes.push_back(fmt::format("{} {} left out, since {} no .cls", counted(lacking, "image"), is_or_are(lacking),
                                    lacking == 1 ? "it has" : "they have"));
  }
  all.attributes = classes_of(all, source);
}

Opened open_shards(const Source& source, const DataOptions& options, const Progress& go_on) {
  Opened all{.where = options.source, .shards = std::make_shared<const Shards>(source.shards, go_on)};
  const Shards& shards = *all.shards;
  for (int64_t row = 0; row < shards.size(); ++row)
    (is_for_testing(shards.key(row)) ? all.test : all.train).push_back(row);
  if (all.train.empty()) all.train.swap(all.test);
  if (all.size() == 0) {
    const auto& skipped = shards.skipped();
    throw DataError(fmt::format(
        "{}: holds no picture that can be read ({} are read){}{}", all.where, kReadFormats,
        skipped.empty() ? ""
                        : fmt::format("; the first of {}, {}: {}", counted(int64_t(skipped.size()), "fault"),
                                      skipped[0].file.name, skipped[0].file.reason),
        shards.notes().empty() ? "" : "; " + shards.notes().front()));
  }
  all.notes = shards.notes();
  settle_classes(all, source);
  all.each_row([&](int64_t row) {
    const ShardSample& sample = shards.sample(row);
    ++all.sizes[{sample.width, sample.height}];
    ++all.modes[std::string(shards.mode(row))];
  });
  return all;
}

std::vector<int64_t> rows_of_split(const Opened& all, Split split, const DataOptions& options) {
  if (split == Split::kTest) return all.test;
  std::vector<int64_t> rows;
  if (split == Split::kAll) {
    std::ranges::merge(all.train, all.test, std::back_inserter(rows));
    return rows;
  }
  for (const int64_t i : rows_of(split, int64_t(all.train.size()), options)) rows.push_back(all.train[size_t(i)]);
  return rows;
}

/// Of the samples that cannot be used those that would belong to one of the splits.
std::vector<SkippedFile> skipped_of(const Opened& all, const std::vector<Split>& splits) {
  std::vector<SkippedFile> skipped;
  for (const auto& [key, file] : all.shards->skipped())
    if (std::ranges::any_of(splits, [&](Split split) {
          return key.empty() || split == Split::kAll || (split == Split::kTest) == is_for_testing(key);
        }))
      skipped.push_back(file);
  return skipped;
}

/// What all pictures are brought to, and a sentence where that was chosen.
std::pair<PixelSpec, std::string> target_of(const Opened& all, const DataOptions& options, const DataSpec* like) {
  const CommonSize common = common_size(all.sizes, options.crop > 0);
  const bool coloured = std::ranges::any_of(all.modes, [](const auto& mode) { return has_colour(mode.first); });
  const PixelSpec own{.channels = coloured ? 3 : 1, .height = common.height, .width = common.width};
  const bool chosen = !extents_known(options, like) && options.size == 0;
  return {target_pixels(own, options, like), chosen ? common.choice : ""};
}

/// Pictures that are decoded whenever they are read. The range of values is a part of what is read.
std::shared_ptr<const Column> pictures_of(const Opened& all, const PixelSpec& target, const DataOptions& options) {
  const std::shared_ptr<const Shards> shards = all.shards;
  const std::optional<ValueRange> range = value_range(options);
  const std::string of_range = range ? fmt::format(" {} {}", range->least, range->most) : "";
  return std::make_shared<PixelColumn>(
      PixelColumn::Place::kX, target,
      [shards, target, range](int64_t row, uint8_t* to) {
        const ExampleFiles example = {{.file = {.name = shards->name(row)}, .range = range}};
        fit(decode_example(example, [&](const ImageFile&) { return shards->bytes(row); }, {target})[0], target, to);
      },
      [shards, of_range](int64_t row) { return shards->hash(row) + of_range; });
}

/// The class of each row, as numbers of 32 bits.
std::shared_ptr<const Column> labels_of(const Shards& shards, const std::vector<ConformedAttribute>& classes) {
  Batch stored;
  for (const ConformedAttribute& attribute : classes) {
    Tensor labels = torch::zeros({shards.size()}, torch::kInt32);
    for (int64_t row = 0; row < shards.size(); ++row)
      if (const int32_t label = shards.sample(row).label; label >= 0 && size_t(label) < attribute.number_of.size())
        labels.data_ptr<int32_t>()[row] = int32_t(attribute.number_of[size_t(label)]);
    stored.condition.labels.push_back(labels);
  }
  return std::make_shared<RowsColumn>(std::move(stored));
}

/// How many samples of these rows have about kBytesTogether.
int64_t neighbours_of(const Shards& shards, const std::vector<int64_t>& rows) {
  int64_t bytes = 0;
  for (const int64_t row : rows) bytes += shards.sample(row).length;
  return std::max<int64_t>(1,
                           kBytesTogether / std::max<int64_t>(1, bytes / std::max<int64_t>(1, int64_t(rows.size()))));
}

Counts counts_of_sizes(const Opened& all) {
  std::map<std::string, int64_t> counts;
  for (const auto& [size, count] : all.sizes) counts[fmt::format("{}x{}", size.first, size.second)] = count;
  return most_frequent(counts);
}

Counts counts_of_classes(const Opened& all) {
  Counts counts;
  if (all.attributes.empty()) return counts;
  for (const std::string& name : all.attributes.front().labels.names) counts.emplace_back(name, 0);
  all.each_row([&](int64_t row) { ++counts[size_t(all.shards->sample(row).label)].second; });
  return counts;
}

bool recognises(const Source& source, const DataOptions&) { return !source.shards.empty(); }

Datasets open(const Source& source, const DataOptions& options, const std::vector<Split>& splits,
              const Opening& opening) {
  const Opened all = open_shards(source, options, opening.go_on);
  const bool trains = std::ranges::find(splits, Split::kTrain) != splits.end();
  const std::vector<SkippedFile> skipped = skipped_of(all, splits);
  if (options.strict) refuse(skipped, all.where);
  expect_kinds({}, opening.like, all.where);
  const std::vector<ConformedAttribute> classes = conformed(all.attributes, opening, all.where);
  const auto [target, choice] = target_of(all, options, opening.like);
  if (const auto fault = memory_fault({target}, options, all.size(), free_memory() / 2);
      fault && trains && opening.most == 0)
    throw DataError(fmt::format("{}: {}", all.where, *fault));
  DataSpec stored{.x = target};
  stored.condition.labels = label_specs(classes);
  const std::vector<std::shared_ptr<const Column>> columns = {pictures_of(all, target, options),
                                                              labels_of(*all.shards, classes)};
  Datasets sets;
  for (const Split split : splits) {
    std::vector<int64_t> rows = rows_of_split(all, split, options);
    if (opening.most > 0 && int64_t(rows.size()) > opening.most) rows.resize(size_t(opening.most));
    if (rows.empty() && split == Split::kTest && !opening.may_lack_test)
      throw DataError(fmt::format("{}: none of its {} is set apart for testing; there are too few", all.where,
                                  counted(all.size(), "image")));
    if (rows.empty() && split == Split::kTest) {
      sets.push_back(nullptr);
      continue;
    }
    const int64_t neighbours = neighbours_of(*all.shards, rows);
    sets.push_back(std::make_unique<ColumnSet>(
        stored, columns, std::move(rows), geometry_options(options, split, opening.augmented),
        [shards = all.shards](int64_t row) { return shards->name(row); }, neighbours));
  }
  append(*opening.skipped, skipped);
  append(*opening.notes, all.notes);
  if (!choice.empty()) opening.notes->push_back(choice);
  if (!trains) return sets;
  if (choice.empty()) append(*opening.notes, remarks_on_sizes(counts_of_sizes(all)));
  append(*opening.notes, remarks_on_classes(counts_of_classes(all)));
  return sets;
}

DataReport report(const Source& source, const DataOptions& options, const Progress& go_on) {
  const Opened all = open_shards(source, options, go_on);
  const auto [target, choice] = target_of(all, options, nullptr);
  const auto train = int64_t(all.train.size()), validation = validation_size(train, options);
  DataReport report{.train = train - validation,
                    .validation = validation,
                    .test = int64_t(all.test.size()),
                    .classes = counts_of_classes(all),
                    .sizes = counts_of_sizes(all),
                    .modes = most_frequent(all.modes),
                    .skipped = skipped_of(all, {Split::kAll}),
                    .warnings = all.notes};
  if (options.strict) refuse(report.skipped, all.where);
  if (!choice.empty()) report.warnings.push_back(choice);
  if (const auto fault = memory_fault({target}, options, all.size(), free_memory() / 2))
    report.warnings.push_back("a training is refused: " + *fault);
  append(report.warnings, remarks_on_sizes(report.sizes));
  return report;
}

}  // namespace

const Format kShards{
    .kind = "tar shards", .recognises = recognises, .open = open, .report = report, .without = {"repeat_links"}};

}  // namespace figment
