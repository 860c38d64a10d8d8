#include "figment/data/idx_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/data/conform.h"
#include "figment/data/memory_set.h"
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

bool recognises(const Source& source) {
  return find_images(source.folder, Split::kTrain) || find_images(source.folder, Split::kTest);
}

std::optional<ByteArray> read_labels(const fs::path& folder, Split split) {
  const auto path = find(folder, split, "labels-idx1");
  if (!path) return std::nullopt;
  ByteArray labels = read_idx(read_file(*path), path->string());
  if (labels.extents.size() != 1)
    throw DataError(fmt::format("{}: labels must have 1 dimension, got {}", path->string(), labels.extents.size()));
  return labels;
}

/// The classes are those of the training labels: what a test holds cannot add one.
Classes classes_of(const Source& source) {
  if (!source.class_names.empty()) return {.names = source.class_names};
  auto labels = read_labels(source.folder, Split::kTrain);
  if (!labels) labels = read_labels(source.folder, Split::kTest);
  Classes classes{.numbered = true};
  if (!labels || labels->values.empty()) return classes;
  const int most = *std::max_element(labels->values.begin(), labels->values.end());
  for (int i = 0; i <= most; ++i) classes.names.push_back(std::to_string(i));
  return classes;
}

/// Labels as numbers of `classes`; undefined where there are no labels.
Tensor numbered_labels(const Source& source, Split split, const Classes& classes, const ConformedClasses& conformed,
                       int64_t images) {
  if (conformed.names.empty()) return {};
  const auto labels = read_labels(source.folder, split);
  const std::string where = source.folder.string();
  if (!labels)
    throw DataError(fmt::format("{}: there are labels for one split only; {}-labels-idx1-ubyte is missing", where,
                                prefixes(split).front()));
  if (int64_t(labels->values.size()) != images)
    throw DataError(fmt::format("{}: {} and {} of the {} split do not belong together", where, counted(images, "image"),
                                counted(int64_t(labels->values.size()), "label"), kWords<Split>[size_t(split)]));
  Tensor numbers = torch::empty({images}, torch::kInt64);
  for (int64_t i = 0; i < images; ++i) {
    const uint8_t label = labels->values[size_t(i)];
    if (label >= classes.names.size())
      throw DataError(fmt::format("{}: label {} of the {} split must be below {}, got {}", where, with_commas(i),
                                  kWords<Split>[size_t(split)], classes.names.size(), label));
    numbers.data_ptr<int64_t>()[i] = conformed.number_of[label];
  }
  return numbers;
}

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

std::unique_ptr<Dataset> open(const Source& source, const DataOptions& options, Split split, const DataSpec* like,
                              std::vector<SkippedFile>&) {
  const std::string where = source.folder.string();
  const auto path = find_images(source.folder, split);
  if (!path)
    throw DataError(fmt::format("{}: has no {} images; {}-images-idx3-ubyte is missing", where,
                                kWords<Split>[size_t(split)], prefixes(split).front()));
  const Classes classes = classes_of(source);
  const ConformedClasses names = conformed(classes, like, where);
  ByteArray array = read_images(*path);
  const PixelSpec own = pixels_of(array);
  const int64_t count = array.extents[0];
  Examples examples{.labels = numbered_labels(source, split, classes, names, count), .class_names = names.names};
  examples.images = fitted(std::move(array), own, target_pixels(own, options, like));
  if (split != Split::kTest) keep_rows(examples, rows_of(split, count, options));
  return std::make_unique<MemorySet>(std::move(examples), options.flip && split == Split::kTrain);
}

DataReport report(const Source& source, const DataOptions& options) {
  DataReport report;
  const Classes classes = classes_of(source);
  const ConformedClasses names = conformed(classes, nullptr, source.folder.string());
  for (const std::string& name : names.names) report.classes.emplace_back(name, 0);
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
    const Tensor labels = numbered_labels(source, split, classes, names, count);
    for (int64_t i = 0; labels.defined() && i < count; ++i)
      ++report.classes[size_t(labels.const_data_ptr<int64_t>()[i])].second;
  }
  report.modes.emplace_back("grey 8 bit", report.train + report.validation + report.test);
  return report;
}

}  // namespace

const Format kIdxFiles{.kind = "IDX files", .recognises = recognises, .open = open, .report = report};

}  // namespace figment
