#include "figment/data/catalog.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/data/format.h"
#include "figment/data/found_images.h"
#include "figment/data/idx_set.h"
#include "figment/data/image_folder.h"
#include "figment/data/pair_set.h"
#include "figment/data/picture_facts.h"
#include "figment/data/point_set.h"
#include "figment/data/shard_set.h"
#include "figment/data/source.h"

namespace figment {
namespace {

constexpr size_t kMostSizes = 12;  // in a report

/// One row a format, asked in this order.
std::vector<Format>& formats() {
  static std::vector<Format> rows = {kPairs, kShards, kPoints, kIdxFiles, kImageFolder};
  return rows;
}

/// Throws ConfigError for a setting that this format has no use for: else a user would think that it has an effect.
void expect_in_use(const Format& format, const DataOptions& options) {
  const DataOptions defaults;
  for (const Field& row : kFields<DataOptions>)
    if (std::ranges::find(format.without, row.name) != format.without.end() && row.get(&options) != row.get(&defaults))
      throw ConfigError(fmt::format("data.{} has no effect here: '{}' holds {}; leave it out", row.name, options.source,
                                    format.kind));
}

const Format& format_of(const Source& source, const DataOptions& options) {
  for (const Format& format : formats())
    if (format.recognises(source, options)) {
      expect_in_use(format, options);
      return format;
    }
  std::string what_is_there;
  for (const std::string& note : find_images(source.folder).notes) what_is_there += "; " + note;
  const auto is_tar = [](const std::filesystem::directory_entry& entry) { return entry.path().extension() == ".tar"; };
  if (const auto shards = names_beside(source.folder / "x", is_tar); !shards.empty())
    what_is_there +=
        fmt::format("; tar shards are named themselves, several as '{}'", (source.folder / "{000..099}.tar").string());
  throw DataError(
      fmt::format("data: '{}' holds neither IDX files (train-images-idx3-ubyte …) nor images ({} are read){}",
                  source.folder.string(), kReadFormats, what_is_there));
}

void warn(DataReport& report) {
  for (std::string& remark : remarks_on_classes(report.classes)) report.warnings.push_back(std::move(remark));
  if (!report.skipped.empty())
    report.warnings.push_back(report.skipped.size() == 1
                                  ? "1 file was skipped because it cannot be used"
                                  : fmt::format("{} files were skipped because they cannot be used",
                                                with_commas(int64_t(report.skipped.size()))));
}

}  // namespace

void add_format(const Format& format) { formats().insert(formats().begin(), format); }

Datasets open_datasets(const DataOptions& options, const std::vector<Split>& splits, const Opening& opening) {
  const Source source = find_source(options.source);
  std::vector<SkippedFile> unread;
  std::vector<std::string> unsaid;
  Opening asked = opening;
  if (!asked.skipped) asked.skipped = &unread;
  if (!asked.notes) asked.notes = &unsaid;
  return format_of(source, options).open(source, options, splits, asked);
}

std::unique_ptr<Dataset> open_dataset(const DataOptions& options, Split split, const DataSpec* like,
                                      std::vector<SkippedFile>* skipped) {
  return std::move(open_datasets(options, {split}, {.like = like, .skipped = skipped}).front());
}

DataReport report_data(const DataOptions& options, const Progress& go_on) {
  const Source source = find_source(options.source);
  const Format& format = format_of(source, options);
  DataReport report = format.report(source, options, go_on);
  if (report.sizes.size() > kMostSizes) report.sizes.resize(kMostSizes);
  report.source = options.source;
  report.kind = format.kind;
  warn(report);
  return report;
}

}  // namespace figment
