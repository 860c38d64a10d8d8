#include "figment/data/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <optional>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/base/text.h"
#include "figment/data/conform.h"
#include "figment/data/image_files.h"
#include "figment/data/memory_set.h"
#include "figment/data/parallel.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

bool recognises(const Source& source) { return has_images(source.folder); }

constexpr uintmax_t kMostFileBytes = uintmax_t(1) << 28;  // four bytes for each of kMostPixels
constexpr int64_t kBlock = 64;                            // pictures in memory at once where they are not kept

std::string bytes_of(const ImageFile& file) {
  std::error_code error;
  const uintmax_t size = fs::file_size(file.path, error);
  if (!error && size > kMostFileBytes)
    throw DataError(fmt::format("{}: has {} bytes; at most {} are read", file.name, with_commas(int64_t(size)),
                                with_commas(int64_t(kMostFileBytes))));
  return read_file(file.path);
}

/// What kept a file from being read; nothing where `read` succeeded.
std::optional<std::string> failure_of(const ImageFile& file,
                                      const std::function<void(const std::string& bytes)>& read) {
  try {
    read(bytes_of(file));
    return std::nullopt;
  } catch (const std::exception& error) {
    const std::string reason = error.what();
    return reason.starts_with(file.name + ": ") ? reason.substr(file.name.size() + 2) : reason;
  }
}

void decode(const ImageFile& file, const std::string& bytes, const PixelSpec& target, uint8_t* to) {
  fit(decode_to_cover(bytes, file.name, target.width, target.height), target, to);
}

/// What the headers of some files say: nothing for those that have none.
std::vector<std::optional<ImageInfo>> headers_of(const std::vector<ImageFile>& files) {
  std::vector<std::optional<ImageInfo>> infos(files.size());
  in_parallel(int64_t(files.size()), [&](int64_t i) {
    const ImageFile& file = files[size_t(i)];
    failure_of(file, [&](const std::string& bytes) { infos[size_t(i)] = image_info(bytes, file.name); });
  });
  return infos;
}

/// The most frequent size, the larger of two that are as frequent; colour when one has it.
PixelSpec own_pixels(const std::vector<ImageFile>& files) {
  std::map<std::pair<int64_t, int64_t>, int64_t> sizes;
  PixelSpec own;
  for (const auto& info : headers_of(files)) {
    if (!info) continue;
    ++sizes[{info->width, info->height}];
    if (!info->mode.starts_with("grey")) own.channels = 3;
  }
  if (sizes.empty()) return {.height = 1, .width = 1};  // decoding them will say what is wrong
  const auto& [size, count] = *std::ranges::max_element(sizes, {}, [](const auto& entry) {
    return std::tuple(entry.second, entry.first.first * entry.first.second, entry.first);
  });
  own.width = size.first;
  own.height = size.second;
  return own;
}

/// Half of the memory that the system and the control group leave; all where neither says.
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

/// Pictures that do not fit into memory: decoded whenever they are read.
class FileSet : public ByteSet {
 public:
  FileSet(DataSpec spec, std::vector<ImageFile> files, Tensor labels, bool flip, std::string hash)
      : ByteSet(std::move(spec), int64_t(files.size()), std::move(labels), flip),
        files_(std::move(files)),
        hash_(std::move(hash)) {}

 private:
  const uint8_t* image(int64_t index, uint8_t* scratch) const override {
    const ImageFile& file = files_[size_t(index)];
    decode(file, bytes_of(file), pixels(spec()), scratch);
    return scratch;
  }
  std::string hash_of_images() const override { return hash_; }

  std::vector<ImageFile> files_;
  std::string hash_;
};

/// The pictures that could be decoded.
struct Decoded {
  Tensor images = {};              ///< [N,C,H,W] uint8 of all files, undefined where they are not kept
  std::vector<int64_t> rows = {};  ///< those of them that could be read
  std::vector<SkippedFile> skipped = {};
  std::string hash = {};  ///< of the bytes of all that could be read, one after the other
};

Decoded decode_all(const std::vector<ImageFile>& files, const PixelSpec& target, int64_t most_bytes_kept) {
  const auto count = int64_t(files.size());
  const bool keep = count <= most_bytes_kept / target.dimensions();
  const int64_t block = keep ? count : std::clamp(most_bytes_kept / target.dimensions(), int64_t(1), kBlock);
  Decoded result;
  const Tensor images = torch::empty({block, target.channels, target.height, target.width}, torch::kUInt8);
  auto* bytes = images.data_ptr<uint8_t>();
  std::vector<std::optional<std::string>> failures(static_cast<size_t>(block));
  Hash hash;
  for (int64_t first = 0; first < count; first += block) {
    const int64_t some = std::min(block, count - first);
    in_parallel(some, [&](int64_t i) {
      const ImageFile& file = files[size_t(first + i)];
      failures[size_t(i)] = failure_of(
          file, [&](const std::string& content) { decode(file, content, target, bytes + i * target.dimensions()); });
    });
    for (int64_t i = 0; i < some; ++i) {
      if (failures[size_t(i)]) {
        result.skipped.push_back({files[size_t(first + i)].name, *failures[size_t(i)]});
        continue;
      }
      result.rows.push_back(first + i);
      hash.add(bytes + i * target.dimensions(), size_t(target.dimensions()));
    }
  }
  if (keep) result.images = images;
  result.hash = hash.hex();
  return result;
}

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

Tensor labels_of(const std::vector<ImageFile>& files, const Classes& own, const ConformedClasses& classes) {
  if (classes.names.empty()) return {};
  Tensor labels = torch::empty({int64_t(files.size())}, torch::kInt64);
  for (size_t i = 0; i < files.size(); ++i) {
    const auto place = std::ranges::lower_bound(own.names, files[i].class_name) - own.names.begin();
    labels.data_ptr<int64_t>()[i] = classes.number_of[size_t(place)];
  }
  return labels;
}

std::unique_ptr<Dataset> open(const Source& source, const DataOptions& options, Split split, const DataSpec* like,
                              std::vector<SkippedFile>& skipped) {
  return open_image_folder(source, options, split, like, skipped, half_of_free_memory());
}

std::vector<std::pair<std::string, int64_t>> most_frequent(const std::map<std::string, int64_t>& counts, size_t most) {
  std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater{}, &std::pair<std::string, int64_t>::second);
  if (sorted.size() > most) sorted.resize(most);
  return sorted;
}

DataReport report(const Source& source, const DataOptions& options) {
  const ImageFiles all = list_images(source.folder);
  DataReport report{.skipped = all.skipped, .warnings = all.notes};
  std::map<std::string, int64_t> sizes, modes, classes;
  for (const std::string& name : all.classes.names) classes[name] = 0;
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) {
    const std::vector<ImageFile> files = files_of(all, split, options);
    std::vector<ImageInfo> infos(files.size());
    std::vector<std::optional<std::string>> failures(files.size());
    in_parallel(int64_t(files.size()), [&](int64_t i) {
      const ImageFile& file = files[size_t(i)];
      failures[size_t(i)] =
          failure_of(file, [&](const std::string& bytes) { decode_image(bytes, file.name, &infos[size_t(i)]); });
    });
    int64_t& count = split == Split::kTrain        ? report.train
                     : split == Split::kValidation ? report.validation
                                                   : report.test;
    for (size_t i = 0; i < files.size(); ++i) {
      if (failures[i]) {
        report.skipped.push_back({files[i].name, *failures[i]});
        continue;
      }
      ++count;
      ++sizes[fmt::format("{}x{}", infos[i].width, infos[i].height)];
      ++modes[fmt::format("{} {} bit", infos[i].mode, infos[i].bits)];
      if (!all.classes.names.empty()) ++classes[files[i].class_name];
    }
  }
  std::ranges::sort(report.skipped, {}, &SkippedFile::name);
  if (options.strict) refuse(report.skipped, source.folder.string());
  report.classes.assign(classes.begin(), classes.end());
  report.sizes = most_frequent(sizes, 12);
  report.modes = most_frequent(modes, modes.size());
  return report;
}

}  // namespace

std::unique_ptr<Dataset> open_image_folder(const Source& source, const DataOptions& options, Split split,
                                           const DataSpec* like, std::vector<SkippedFile>& skipped,
                                           int64_t most_bytes_kept) {
  const std::string where = source.folder.string();
  const ImageFiles all = list_images(source.folder);
  if (options.strict) refuse(all.skipped, where);
  const ConformedClasses classes = conformed(all.classes, like, where);
  std::vector<ImageFile> files = files_of(all, split, options);
  if (files.empty() && split == Split::kTest)
    throw DataError(fmt::format("{}: none of its {} is set apart for testing; sort them into train/ and test/", where,
                                counted(int64_t(all.train.size()), "image")));
  const bool extents_known = like || (options.size > 0 && options.channels > 0);
  const PixelSpec target = target_pixels(extents_known ? PixelSpec{} : own_pixels(all.train), options, like);
  Decoded decoded = decode_all(files, target, most_bytes_kept);
  if (options.strict) refuse(decoded.skipped, where);
  if (split == Split::kTrain) skipped.insert(skipped.end(), all.skipped.begin(), all.skipped.end());
  skipped.insert(skipped.end(), decoded.skipped.begin(), decoded.skipped.end());
  if (decoded.rows.empty() && split != Split::kValidation)
    throw DataError(fmt::format("{}: none of its {} can be read; the first, {}: {}", where,
                                counted(int64_t(files.size()), "image"), decoded.skipped[0].name,
                                decoded.skipped[0].reason));
  const bool flip = options.flip && split == Split::kTrain;
  Examples examples{
      .images = decoded.images, .labels = labels_of(files, all.classes, classes), .class_names = classes.names};
  keep_rows(examples, decoded.rows);
  if (examples.images.defined()) return std::make_unique<MemorySet>(std::move(examples), flip);
  std::vector<ImageFile> kept;
  for (const int64_t row : decoded.rows) kept.push_back(std::move(files[size_t(row)]));
  DataSpec spec{.x = target};
  if (!classes.names.empty()) spec.condition.label = LabelSpec{classes.names};
  return std::make_unique<FileSet>(std::move(spec), std::move(kept), examples.labels, flip, decoded.hash);
}

const Format kImageFolder{.kind = "folder of images", .recognises = recognises, .open = open, .report = report};

}  // namespace figment
