// What `figment data` says of pictures in files.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/data/geometry.h"
#include "figment/data/parallel.h"
#include "figment/data/picture_facts.h"
#include "figment/data/picture_selection.h"

namespace figment {
namespace {

constexpr int64_t kExamples = 64, kLargestExample = 256;  // pictures, and pixels of their longer side

/// What is modelled of an example, as a training might see it, small.
Image small_example(const std::vector<uint8_t>& fitted, const PixelSpec& target, const DataOptions& options) {
  const GeometryOptions geometry = geometry_options(options, Split::kTrain, true);
  const PixelSpec shown = cropped(target, geometry);
  const Geometry g = geometry_of(0, geometry, target);
  Image image{.width = shown.width, .height = shown.height, .channels = shown.channels};
  image.pixels.reserve(size_t(shown.dimensions()));
  for (int64_t y = g.top; y < g.top + g.height; ++y)
    for (int64_t x = 0; x < g.width; ++x)
      for (int64_t channel = 0; channel < shown.channels; ++channel)
        image.pixels.push_back(
            fitted[size_t((channel * target.height + y) * target.width + g.left + (g.mirrored ? g.width - 1 - x : x))]);
  const double scale = double(kLargestExample) / double(std::max(image.width, image.height));
  if (scale >= 1) return image;
  const auto scaled = [&](int64_t side) { return std::max<int64_t>(1, int64_t(double(side) * scale)); };
  return resized(image, scaled(image.width), scaled(image.height));
}

/// All files, and what decoding them told.
struct Inspected {
  SelectedFiles selected = {};
  std::vector<ExampleFacts> facts = {};
  std::vector<std::optional<SkippedFile>> failures = {};
  std::vector<Picture> examples = {};  // without a pixel where the file could not be read
  std::vector<std::string> notes = {};
};

/// `splits`: those that hold something, the training part first.
Inspected inspect(const PictureListing& listing, const DataOptions& options, const std::vector<Split>& splits,
                  const Progress& go_on) {
  Inspected all{.selected = selected_files(listing, options, splits, {})};
  const std::vector<ImageFile>& files = all.selected.files;
  const int64_t free = free_memory();  // before it is filled with the files' bytes
  FileBytes bytes(free / 4);
  const Targets targets = targets_of(listing, options, nullptr, files, bytes, part_of_progress(go_on, 0, kOfHeaders));
  all.notes = targets.notes;
  if (auto fault = memory_fault(targets.pixels, options, int64_t(files.size()), free / 2))
    all.notes.push_back("a training is refused: " + *fault);
  int64_t each = 0;
  for (const PixelSpec& target : targets.pixels) each += target.dimensions();
  const std::vector<int64_t>& train = all.selected.rows[0];
  const int64_t examples = std::min<int64_t>(kExamples, int64_t(train.size()));
  std::map<int64_t, size_t> place;  // among the examples, of the files that are shown
  for (int64_t i = 0; i < examples; ++i) place[train[size_t(i * int64_t(train.size()) / examples)]] = size_t(i);
  all.facts.resize(files.size());
  all.failures.resize(files.size());
  all.examples.resize(size_t(examples));
  in_parallel(
      int64_t(files.size()),
      [&](int64_t row) {
        const ExampleFiles example = listing.pictures(files[size_t(row)]);
        ExampleFacts& facts = all.facts[size_t(row)];
        all.failures[size_t(row)] = failure_of(example, [&] {
          const auto images =
              decode_example(example, [&](const ImageFile& file) { return bytes.take(file); }, targets.pixels, &facts);
          std::vector<uint8_t> fitted(static_cast<size_t>(each));
          fit_example(images, targets.pixels, fitted.data(), &facts);
          if (const auto shown = place.find(row); shown != place.end())
            all.examples[shown->second] = {.name = files[size_t(row)].class_name,
                                           .image = small_example(fitted, targets.pixels[0], options)};
        });
      },
      part_of_progress(go_on, kOfHeaders, 1));
  std::erase_if(all.examples, [](const Picture& example) { return example.image.pixels.empty(); });
  return all;
}

}  // namespace

DataReport report_pictures(const PictureListing& listing, const DataOptions& options, const Progress& go_on) {
  const ImageFiles& files = listing.files;
  std::vector<Split> splits = {Split::kTrain, Split::kValidation};
  if (!files.test.empty()) splits.push_back(Split::kTest);
  Inspected all = inspect(listing, options, splits, go_on);
  DataReport report{.skipped = files.skipped, .warnings = files.notes, .examples = std::move(all.examples)};
  std::map<std::string, int64_t> modes, classes;
  for (const std::string& name : files.classes) classes[name] = 0;
  std::vector<bool> is_test(all.facts.size());
  const std::array<int64_t*, 3> counts = {&report.train, &report.validation, &report.test};
  for (size_t i = 0; i < splits.size(); ++i)
    for (const int64_t row : all.selected.rows[i]) {
      is_test[size_t(row)] = splits[i] == Split::kTest;
      if (const auto& failure = all.failures[size_t(row)]) {
        report.skipped.push_back(*failure);
        continue;
      }
      const ExampleFacts& facts = all.facts[size_t(row)];
      ++*counts[size_t(splits[i])];
      for (const ImageInfo& info : facts.infos) ++modes[mode_of(info)];
      if (!files.classes.empty()) ++classes[all.selected.files[size_t(row)].class_name];
    }
  report.warnings.insert(report.warnings.end(), all.notes.begin(), all.notes.end());
  for (const auto& remarks :
       {files.aside_notes, remarks_on(all.facts, is_test, options), remarks_on_sizes(all.facts, options)})
    report.warnings.insert(report.warnings.end(), remarks.begin(), remarks.end());
  std::ranges::sort(report.skipped, {}, &SkippedFile::name);
  if (options.strict) refuse(report.skipped, listing.where);
  report.classes.assign(classes.begin(), classes.end());
  report.sizes = sizes_of(all.facts);
  report.modes = most_frequent(modes);
  return report;
}

}  // namespace figment
