#include "figment/data/idx_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/data/column_set.h"
#include "figment/data/conform.h"
#include "figment/data/parallel.h"
#include "figment/media/array.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

std::vector<std::string> prefixes(Split split) {
  return split == Split::kTest ? std::vector<std::string>{"t10k", "test"} : std::vector<std::string>{"train"};
}

std::optional<fs::path> find(const fs::path& folder, Split split, std::string_view content) {
  for (const std::string& prefix : prefixes(split))
    for (const char* ending : {"", ".gz"})
      if (fs::path path = folder / fmt::format("{}-{}-ubyte{}", prefix, content, ending); fs::is_regular_file(path))
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
    ByteArray labels = read_idx(read_file(*path), path->string());
    if (labels.extents.size() != 1)
      throw DataError(fmt::format("{}: labels must have 1 dimension, got {}", path->string(), labels.extents.size()));
    return labels;
  }

  const Source& source_;
  std::array<std::optional<std::optional<ByteArray>>, 2> read_ = {};  // of training and test, once looked for
};

ByteArray read_images(const fs::path& path) {
  ByteArray images = read_idx(read_file(path), path.string());
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
  std::vector<std::shared_ptr<const Column>> columns = {};
  int64_t size = 0;
};

Part read_part(const Source& source, LabelFiles& labels, Split split, const DataOptions& options,
               const DataSpec* like) {
  const std::string where = source.folder.string();
  const auto path = find_images(source.folder, split);
  if (!path)
    throw DataError(fmt::format("{}: has no {} images; {}-images-idx3-ubyte is missing", where,
                                kWords<Split>[size_t(split)], prefixes(split).front()));
  expect_kinds({}, like, where);
  const std::vector<ConformedAttribute> classes = conformed(labels.classes(), like, where);
  ByteArray array = read_images(*path);
  const PixelSpec own = pixels_of(array), target = target_pixels(own, options, like);
  Part part{.stored = {.x = target}, .size = array.extents[0]};
  part.columns = {std::make_shared<PixelColumn>(PixelColumn::Place::kX, fitted(std::move(array), own, target))};
  part.stored.condition.labels = label_specs(classes);
  Batch numbers;
  for (const ConformedAttribute& attribute : classes)
    numbers.condition.labels.push_back(labels.numbered(split, attribute, part.size));
  part.columns.push_back(std::make_shared<RowsColumn>(std::move(numbers)));
  return part;
}

Datasets open(const Source& source, const DataOptions& options, const std::vector<Split>& splits,
              const Opening& opening) {
  LabelFiles labels(source);
  std::array<std::optional<Part>, 2> parts;  // training and test files, each read once
  Datasets sets;
  for (const Split split : splits) {
    const bool test = split == Split::kTest;
    std::optional<Part>& part = parts[test];
    if (!part) part = read_part(source, labels, split, options, opening.like);
    sets.push_back(std::make_unique<ColumnSet>(part->stored, part->columns,
                                               test ? all_rows(part->size) : rows_of(split, part->size, options),
                                               geometry_options(options, split, opening.augmented)));
  }
  return sets;
}

DataReport report(const Source& source, const DataOptions& options) {
  DataReport report;
  LabelFiles labels(source);
  const std::vector<ConformedAttribute> classes = conformed(labels.classes(), nullptr, source.folder.string());
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
  report.modes.emplace_back("grey 8 bit", report.train + report.validation + report.test);
  return report;
}

}  // namespace

const Format kIdxFiles{.kind = "IDX files", .recognises = recognises, .open = open, .report = report};

}  // namespace figment
