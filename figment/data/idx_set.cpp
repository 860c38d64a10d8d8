#include "figment/data/idx_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/data/column_set.h"
#include "figment/data/conform.h"
#include "figment/data/parallel.h"
#include "figment/data/picture_facts.h"
#include "figment/media/array.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

constexpr int64_t kMostFileBytes = int64_t(1) << 33;  // packed or not; as many are unpacked

std::vector<std::string> prefixes(Split split) {
  return split == Split::kTest ? std::vector<std::string>{"t10k", "test"} : std::vector<std::string>{"train"};
}

std::optional<fs::path> find(const fs::path& folder, Split split, std::string_view content) {
  std::error_code ignored;
  for (const std::string& prefix : prefixes(split))
    for (const char* ending : {"", ".gz"})
      if (fs::path path = folder / fmt::format("{}-{}-ubyte{}", prefix, content, ending);
          fs::exists(path, ignored) && !fs::is_directory(path, ignored))  // a pipe is answered when it is opened
        return path;
  return std::nullopt;
}

std::optional<fs::path> find_images(const fs::path& folder, Split split) { return find(folder, split, "images-idx3"); }

bool recognises(const Source& source, const DataOptions&) {
  return find_images(source.folder, Split::kTrain) || find_images(source.folder, Split::kTest);
}

/// The label files of a folder, each read once.
class LabelFiles {
 public:
  explicit LabelFiles(const Source& source) : source_(source) {}

  /// The class, where there are labels; its values are those of the training labels: what a test holds cannot add one.
  std::vector<Attribute> classes() {
    if (!source_.class_names.empty()) return {{.labels = {.names = source_.class_names}}};
    const auto& labels = of(Split::kTrain) ? of(Split::kTrain) : of(Split::kTest);
    if (!labels || labels->values.empty()) return {};
    Attribute classes{.numbered = true};
    const int most = *std::max_element(labels->values.begin(), labels->values.end());
    for (int i = 0; i <= most; ++i) classes.labels.names.push_back(std::to_string(i));
    return {classes};
  }

  /// The labels of a split as numbers of the class.
  Tensor numbered(Split split, const ConformedAttribute& classes, int64_t images) {
    const auto& labels = of(split);
    const std::string where = source_.folder.string();
    if (!labels)
      throw DataError(fmt::format("{}: there are labels for one split only; {}-labels-idx1-ubyte is missing", where,
                                  prefixes(split).front()));
    if (int64_t(labels->values.size()) != images)
      throw DataError(fmt::format("{}: {} and {} of the {} split do not belong together", where,
                                  counted(images, "image"), counted(int64_t(labels->values.size()), "label"),
                                  kWords<Split>[size_t(split)]));
    Tensor numbers = torch::empty({images}, torch::kInt64);
    for (int64_t i = 0; i < images; ++i) {
      const uint8_t label = labels->values[size_t(i)];
      if (label >= classes.number_of.size())
        throw DataError(fmt::format("{}: label {} of the {} split must be below {}, got {}", where, with_commas(i),
                                    kWords<Split>[size_t(split)], classes.number_of.size(), label));
      numbers.data_ptr<int64_t>()[i] = classes.number_of[label];
    }
    return numbers;
  }

 private:
  const std::optional<ByteArray>& of(Split split) {
    auto& labels = read_[split == Split::kTest];
    if (!labels) labels = read(split);
    return *labels;
  }
  std::optional<ByteArray> read(Split split) const {
    const auto path = find(source_.folder, split, "labels-idx1");
    if (!path) return std::nullopt;
    ByteArray labels = read_idx(read_file(*path, kMostFileBytes), path->string());
    if (labels.extents.size() != 1)
      throw DataError(fmt::format("{}: labels must have 1 dimension, got {}", path->string(), labels.extents.size()));
    return labels;
  }

  const Source& source_;
  std::array<std::optional<std::optional<ByteArray>>, 2> read_ = {};  // of training and test, once looked for
};

ByteArray read_images(const fs::path& path) {
  ByteArray images = read_idx(read_file(path, kMostFileBytes), path.string());
  if (images.extents.size() != 3 || std::ranges::count(images.extents, 0) > 0)
    throw DataError(fmt::format("{}: images must have extents [N, height, width], none of them 0, got [{}]",
                                path.string(), fmt::join(images.extents, ", ")));
  return images;
}

/// [N,C,H,W] of the target. The array keeps its memory where nothing has to change.
Tensor fitted(ByteArray array, const PixelSpec& own, const PixelSpec& target) {
  const int64_t count = array.extents[0];
  if (own.channels == target.channels && own.height == target.height && own.width == target.width) {
    auto kept = std::make_shared<std::vector<uint8_t>>(std::move(array.values));
    return torch::from_blob(kept->data(), {count, 1, own.height, own.width}, [kept](void*) {}, torch::kUInt8);
  }
  Tensor images = torch::empty({count, target.channels, target.height, target.width}, torch::kUInt8);
  auto* to = images.data_ptr<uint8_t>();
  in_parallel(count, [&](int64_t i) {
    const auto first = array.values.begin() + i * own.dimensions();
    fit({.width = own.width, .height = own.height, .channels = 1, .pixels = {first, first + own.dimensions()}}, target,
        to + i * target.dimensions());
  });
  return images;
}

PixelSpec pixels_of(const ByteArray& images) {
  return {.channels = 1, .height = images.extents[1], .width = images.extents[2]};
}

/// One pair of files: the images and labels of the training or of the test part.
struct Part {
  DataSpec stored = {};
  Tensor images = {};               // [N,C,H,W] bytes
  std::vector<Tensor> labels = {};  // [N] of each attribute

  int64_t size() const { return images.size(0); }
  std::vector<std::shared_ptr<const Column>> columns() const {
    return {std::make_shared<PixelColumn>(PixelColumn::Place::kX, images),
            std::make_shared<RowsColumn>(Batch{.condition = {.labels = labels}})};
  }
};

Part read_part(const Source& source, LabelFiles& labels, Split split, const DataOptions& options,
               const Opening& opening) {
  const std::string where = source.folder.string();
  const auto path = find_images(source.folder, split);
  if (!path)
    throw DataError(fmt::format("{}: has no {} images; {}-images-idx3-ubyte is missing", where,
                                kWords<Split>[size_t(split)], prefixes(split).front()));
  expect_kinds({}, opening.like, where);
  const std::vector<ConformedAttribute> classes = conformed(labels.classes(), opening, where);
  ByteArray array = read_images(*path);
  const PixelSpec own = pixels_of(array), target = target_pixels(own, options, opening.like);
  Part part{.stored = {.x = target}, .images = fitted(std::move(array), own, target)};
  part.stored.condition.labels = label_specs(classes);
  for (const ConformedAttribute& attribute : classes)
    part.labels.push_back(labels.numbered(split, attribute, part.size()));
  return part;
}

/// The training images, then the test images.
Part joined(const Part& train, const Part& test, const std::string& where) {
  if (to_json(train.stored) != to_json(test.stored))
    throw DataError(
        fmt::format("{}: training and test images differ in size; set data.size, or choose one of them with "
                    "--split",
                    where));
  Part all{.stored = train.stored, .images = torch::cat({train.images, test.images})};
  for (size_t i = 0; i < train.labels.size(); ++i) all.labels.push_back(torch::cat({train.labels[i], test.labels[i]}));
  return all;
}

/// How many images each class has.
Counts counts_of_classes(const Part& part) {
  Counts counts;
  if (part.labels.empty()) return counts;
  for (const std::string& name : part.stored.condition.labels.front().names) counts.emplace_back(name, 0);
  const Tensor& labels = part.labels.front();
  for (int64_t i = 0; i < labels.numel(); ++i) ++counts[size_t(labels.const_data_ptr<int64_t>()[i])].second;
  return counts;
}

/// The parts of a folder, each read once.
class Parts {
 public:
  Parts(const Source& source, const DataOptions& options, const Opening& opening)
      : source_(source), options_(options), opening_(opening), labels_(source) {}

  bool has(Split split) const { return find_images(source_.folder, split).has_value(); }

  /// What a split is taken from.
  const Part& of(Split split) {
    if (split == Split::kValidation) split = Split::kTrain;
    if (split == Split::kAll && !(has(Split::kTrain) && has(Split::kTest)))
      split = has(Split::kTrain) ? Split::kTrain : Split::kTest;
    if (!read_.contains(split))
      read_[split] = split == Split::kAll ? joined(of(Split::kTrain), of(Split::kTest), source_.folder.string())
                                          : read_part(source_, labels_, split, options_, opening_);
    return read_[split];
  }

 private:
  const Source& source_;
  const DataOptions& options_;
  const Opening& opening_;
  LabelFiles labels_;
  std::map<Split, Part> read_ = {};
};

Datasets open(const Source& source, const DataOptions& options, const std::vector<Split>& splits,
              const Opening& opening) {
  Parts parts(source, options, opening);
  Datasets sets;
  for (const Split split : splits) {
    if (split == Split::kTest && opening.may_lack_test && !parts.has(split)) {
      sets.push_back(nullptr);
      continue;
    }
    const Part& part = parts.of(split);
    if (split == Split::kTrain)
      for (std::string& remark : remarks_on_classes(counts_of_classes(part)))
        opening.notes->push_back(std::move(remark));
    const auto rows = split == Split::kTest ? all_rows(part.size()) : rows_of(split, part.size(), options);
    sets.push_back(std::make_unique<ColumnSet>(part.stored, part.columns(), rows,
                                               geometry_options(options, split, opening.augmented)));
  }
  return sets;
}

DataReport report(const Source& source, const DataOptions& options, const Progress&) {
  DataReport report;
  LabelFiles labels(source);
  const std::vector<ConformedAttribute> classes = conformed(labels.classes(), {}, source.folder.string());
  for (const ConformedAttribute& attribute : classes)
    for (const std::string& name : attribute.labels.names) report.classes.emplace_back(name, 0);
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const auto path = find_images(source.folder, split);
    if (!path) continue;
    const ByteArray images = read_images(*path);
    const int64_t count = images.extents[0];
    const std::string size = fmt::format("{}x{}", images.extents[2], images.extents[1]);
    if (!report.sizes.empty() && report.sizes.front().first == size)
      report.sizes.front().second += count;
    else
      report.sizes.emplace_back(size, count);
    if (split == Split::kTest)
      report.test = count;
    else
      report.validation = validation_size(count, options), report.train = count - report.validation;
    if (classes.empty()) continue;
    const Tensor numbers = labels.numbered(split, classes.front(), count);
    for (int64_t i = 0; i < count; ++i) ++report.classes[size_t(numbers.const_data_ptr<int64_t>()[i])].second;
  }
  if (report.sizes.size() > 1)
    report.warnings.push_back(
        fmt::format("training images are {}, test images {}; all are resized and cropped to one "
                    "size",
                    report.sizes[0].first, report.sizes[1].first));
  report.modes.emplace_back("grey 8 bit", report.train + report.validation + report.test);
  return report;
}

}  // namespace

const Format kIdxFiles{.kind = "IDX files",
                       .recognises = recognises,
                       .open = open,
                       .report = report,
                       .without = {"repeat_links", "range"}};

}  // namespace figment
