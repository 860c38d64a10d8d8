#include "figment/data/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/data/format.h"
#include "figment/data/idx_set.h"
#include "figment/data/image_folder.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

/// One row a data set that is known by name.
struct Known {
  std::string_view name, folder, package;
  std::vector<std::string> class_names;
};
const std::vector<Known>& known_sets() {
  static const std::vector<Known> rows = {
      {"fashion-mnist",
       "/usr/share/datasets/fashion-mnist",
       "dataset-fashion-mnist",
       {"T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"}},
  };
  return rows;
}

/// One row a format, asked in this order.
constexpr std::array kFormats = {&kIdxFiles, &kImageFolder};

/// Names a person may have meant: the known sets and the folders beside the one that is not there.
std::vector<std::string> names_near(const fs::path& missing) {
  std::vector<std::string> names;
  for (const Known& known : known_sets()) names.emplace_back(known.name);
  std::error_code ignored;
  const fs::path parent = missing.parent_path();
  for (const auto& entry : fs::directory_iterator(parent.empty() ? fs::path(".") : parent, ignored))
    if (entry.is_directory(ignored)) names.push_back((parent / entry.path().filename()).string());
  return names;
}

Source find_source(const std::string& name) {
  for (const Known& known : known_sets())
    if (known.name == name) {
      if (!fs::is_directory(known.folder))
        throw DataError(fmt::format(
            "data set '{}' is not installed: there is no folder '{}'; install the Debian package {}, or give "
            "--data a folder of its files",
            name, known.folder, known.package));
      return {.folder = known.folder, .class_names = known.class_names};
    }
  std::error_code ignored;  // a name the system cannot even look up is no folder
  if (fs::is_directory(name, ignored)) return {.folder = name};
  if (fs::exists(name, ignored)) throw DataError(fmt::format("data: '{}' is a file; --data takes a folder", name));
  throw DataError(fmt::format("there is no data set or folder '{}'{}", name, did_you_mean(name, names_near(name))));
}

const Format& format_of(const Source& source) {
  for (const Format* format : kFormats)
    if (format->recognises(source.folder)) return *format;
  throw DataError(fmt::format("data: '{}' holds neither IDX files (train-images-idx3-ubyte …) nor PNG or JPEG images",
                              source.folder.string()));
}

void warn(DataReport& report) {
  if (report.sizes.size() > 1)
    report.warnings.push_back(
        fmt::format("the images have different sizes, most often {}; each is resized and cropped to cover that "
                    "of the set",
                    report.sizes.front().first));
  int64_t all = 0;
  for (const auto& [name, count] : report.classes) all += count;
  for (const auto& [name, count] : report.classes) {
    if (report.classes.size() > 1 && count * 10 >= all * 9)
      report.warnings.push_back(
          fmt::format("class '{}' holds {} of {} images", name, with_commas(count), with_commas(all)));
    if (count == 0) report.warnings.push_back(fmt::format("class '{}' has no images", name));
  }
  if (!report.skipped.empty())
    report.warnings.push_back(
        fmt::format("{} skipped because of what is wrong with them", counted(int64_t(report.skipped.size()), "file")));
}

}  // namespace

std::unique_ptr<Dataset> open_dataset(const DataOptions& options, Split split, const DataSpec* like,
                                      std::vector<SkippedFile>* skipped) {
  const Source source = find_source(options.source);
  std::vector<SkippedFile> unread;
  return format_of(source).open(source, options, split, like, skipped ? *skipped : unread);
}

DataReport report_data(const DataOptions& options) {
  const Source source = find_source(options.source);
  const Format& format = format_of(source);
  DataReport report = format.report(source, options);
  report.source = options.source;
  report.kind = format.kind;
  warn(report);
  return report;
}

}  // namespace figment
