#include "figment/data/picture_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/data/conform.h"
#include "figment/data/parallel.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using Part = PictureFile::Part;

/// Pictures with more pixels are decoded one at a time: one of the largest takes a gigabyte while it is decoded.
constexpr int64_t kManyPixels = int64_t(1) << 24;
std::mutex one_large_picture;

}  // namespace

std::string bytes_of_file(const ImageFile& file) {
  std::error_code error;
  const uintmax_t size = fs::file_size(file.path, error);
  if (!error) expect_size_of_picture(int64_t(size), file.name);
  return read_file(file.path);
}

void expect_size_of_picture(int64_t bytes, std::string_view name) {
  if (bytes > kMostBytesRead)
    throw DataError(
        fmt::format("{}: has {} bytes; at most {} are read", name, with_commas(bytes), with_commas(kMostBytesRead)));
}

std::string mode_of(const ImageInfo& info) { return fmt::format("{} {} bit", info.mode, info.bits); }

bool has_colour(std::string_view mode) { return !mode.starts_with("grey"); }

ImageInfo info_of(const PictureFile& picture, std::string_view bytes) {
  ImageInfo info = image_info(bytes, picture.file.name);
  if (picture.part == Part::kWhole) return info;
  if (info.width % 2 != 0)
    throw DataError(fmt::format("{}: is {} pixels wide; two pictures side by side need an even width",
                                picture.file.name, info.width));
  info.width /= 2;
  return info;
}

namespace {

Image half(const Image& whole, Part part) {
  Image out{.width = whole.width / 2, .height = whole.height, .channels = whole.channels};
  const int64_t row = out.width * out.channels;
  for (int64_t y = 0; y < out.height; ++y) {
    const auto from = whole.pixels.begin() + y * 2 * row + (part == Part::kRight ? row : 0);
    out.pixels.insert(out.pixels.end(), from, from + row);
  }
  return out;
}

void expect_one_size(const ExampleFiles& example, const std::vector<ImageInfo>& infos) {
  for (size_t i = 1; i < infos.size(); ++i)
    if (infos[i].width != infos[0].width || infos[i].height != infos[0].height)
      throw DataError(fmt::format("{}: is {} x {}, its partner {} is {} x {}", example[0].file.name, infos[0].width,
                                  infos[0].height, example[i].file.name, infos[i].width, infos[i].height));
}

}  // namespace

void FileBytes::look(const ImageFile& file, bool keep, const std::function<void(const std::string&)>& use) {
  std::string bytes = bytes_of_file(file);
  use(bytes);
  if (!keep) return;
  const std::lock_guard lock(mutex_);
  if (int64_t(bytes.size()) > left_) return;
  left_ -= int64_t(bytes.size());
  kept_[file.path.string()] = std::move(bytes);
}

std::string FileBytes::take(const ImageFile& file) {
  {
    const std::lock_guard lock(mutex_);
    if (auto found = kept_.extract(file.path.string())) return std::move(found.mapped());
  }
  return bytes_of_file(file);
}

std::vector<Image> decode_example(const ExampleFiles& example,
                                  const std::function<std::string(const ImageFile&)>& bytes_of,
                                  const std::vector<PixelSpec>& targets, ExampleFacts* facts) {
  ExampleFacts found;
  std::vector<Image> images;
  std::string bytes;
  Image whole;  // of a file with two pictures, decoded once for both
  ValueRange values;
  for (size_t i = 0; i < example.size(); ++i) {
    const auto& [file, part, range] = example[i];
    const bool same_file = i > 0 && example[i - 1].file.path == file.path;
    if (!same_file) bytes = bytes_of(file);
    found.infos.push_back(info_of(example[i], bytes));
    std::unique_lock<std::mutex> alone(one_large_picture, std::defer_lock);
    if (found.infos.back().width * found.infos.back().height > kManyPixels) alone.lock();
    if (part != Part::kWhole) {
      if (!same_file) whole = decode_image(bytes, file.name, {.range = range}, &values);
      images.push_back(half(whole, part));
    } else {
      const Decoding decoding{.width = targets[i].width, .height = targets[i].height, .range = range};
      images.push_back(decode_image(bytes, file.name, decoding, &values));
    }
    found.values.push_back(values);
  }
  expect_one_size(example, found.infos);
  if (facts) *facts = std::move(found);
  return images;
}

void fit_example(const std::vector<Image>& images, const std::vector<PixelSpec>& targets, uint8_t* to,
                 ExampleFacts* facts) {
  Hash hash;
  for (size_t i = 0; i < images.size(); ++i) {
    fit(images[i], targets[i], to);
    if (facts) hash.add(to, size_t(targets[i].dimensions()));
    if (facts && i == 0) {
      const int64_t area = targets[0].height * targets[0].width;
      facts->blank = true;
      for (int64_t c = 0; facts->blank && c < targets[0].channels; ++c)
        facts->blank = std::all_of(to + c * area, to + (c + 1) * area, [&](uint8_t v) { return v == to[c * area]; });
    }
    to += targets[i].dimensions();
  }
  if (facts) facts->hash = hash.hex();
}

std::optional<SkippedFile> failure_of(const ExampleFiles& example, const std::function<void()>& read) {
  try {
    read();
    return std::nullopt;
  } catch (const std::bad_alloc&) {
    throw;  // it says nothing of the file
  } catch (const std::exception& error) {
    const std::string reason = error.what();
    for (const PictureFile& picture : example)
      if (reason.starts_with(picture.file.name + ": "))
        return SkippedFile{picture.file.name, reason.substr(picture.file.name.size() + 2)};
    return SkippedFile{example.front().file.name, reason};
  }
}

DecodedPictures decode_all(const std::vector<ExampleFiles>& examples, const std::vector<PixelSpec>& targets,
                           FileBytes& bytes, int64_t most_bytes_kept, const Progress& go_on) {
  const auto count = int64_t(examples.size());
  std::vector<int64_t> begin = {0};  // of each picture within an example's bytes
  for (const PixelSpec& target : targets) begin.push_back(begin.back() + target.dimensions());
  const int64_t each = begin.back();
  const bool keep = count <= most_bytes_kept / each;
  std::vector<Tensor> kept(targets.size());
  std::vector<std::vector<std::string>> hashes(targets.size(), std::vector<std::string>(keep ? 0 : examples.size()));
  for (size_t i = 0; keep && i < targets.size(); ++i)
    kept[i] = torch::empty({count, targets[i].channels, targets[i].height, targets[i].width}, torch::kUInt8);
  DecodedPictures result{.failures = std::vector<std::optional<SkippedFile>>(examples.size()),
                         .facts = std::vector<ExampleFacts>(examples.size())};
  in_parallel(
      count,
      [&](int64_t n) {
        const ExampleFiles& example = examples[size_t(n)];
        ExampleFacts& facts = result.facts[size_t(n)];
        result.failures[size_t(n)] = failure_of(example, [&] {
          const auto images =
              decode_example(example, [&](const ImageFile& file) { return bytes.take(file); }, targets, &facts);
          std::vector<uint8_t> fitted(static_cast<size_t>(each));
          fit_example(images, targets, fitted.data(), &facts);
          for (size_t i = 0; i < targets.size(); ++i) {
            const uint8_t* picture = fitted.data() + begin[i];
            const int64_t size = targets[i].dimensions();
            if (keep)
              std::copy_n(picture, size, kept[i].data_ptr<uint8_t>() + n * size);
            else
              hashes[i][size_t(n)] = hash_of({reinterpret_cast<const char*>(picture), size_t(size)});
          }
        });
      },
      go_on);
  const auto shared = std::make_shared<const std::vector<ExampleFiles>>(keep ? std::vector<ExampleFiles>() : examples);
  for (size_t i = 0; i < targets.size(); ++i) {
    const auto place = i == 0 ? PixelColumn::Place::kX : PixelColumn::Place::kImage;
    if (keep)
      result.columns.push_back(std::make_shared<PixelColumn>(place, kept[i]));
    else
      result.columns.push_back(std::make_shared<PixelColumn>(
          place, targets[i],
          [shared, targets, i](int64_t row, uint8_t* to) {
            fit(decode_example((*shared)[size_t(row)], bytes_of_file, targets)[i], targets[i], to);
          },
          [hashes = std::move(hashes[i])](int64_t row) { return hashes[size_t(row)]; }));
  }
  return result;
}

}  // namespace figment
