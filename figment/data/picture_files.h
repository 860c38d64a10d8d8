// Pictures in files, each file read once while a data set is opened.
#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "figment/data/column.h"
#include "figment/data/image_files.h"
#include "figment/media/image.h"

namespace figment {

/// A picture in a file: all of it, or one of two that stand side by side.
struct PictureFile {
  enum class Part { kWhole, kLeft, kRight };
  ImageFile file = {};
  Part part = Part::kWhole;
};
/// The pictures of one example: what is modelled, then its condition where there is one. Both have the same size.
using ExampleFiles = std::vector<PictureFile>;

/// Bytes of files. What was looked at is kept until it is taken, up to a bound; beyond it a file is read twice.
class FileBytes {
 public:
  explicit FileBytes(int64_t most_bytes_kept) : left_(most_bytes_kept) {}
  /// Hands the bytes to `use`. If `keep` is true and they fit, keeps them for `take`.
  void look(const ImageFile&, bool keep, const std::function<void(const std::string&)>& use);
  std::string take(const ImageFile&);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> kept_ = {};
  int64_t left_;
};

/// The pictures of an example, decoded; `targets`, one a picture, allow a JPEG to be decoded smaller where it will be
/// made smaller. `infos`: what the headers say, of halves the half. Throws DataError: a file is damaged, partners
/// differ in size, two halves have an odd width.
std::vector<Image> decode_example(const ExampleFiles&, const std::function<std::string(const ImageFile&)>& bytes_of,
                                  const std::vector<PixelSpec>& targets = {}, std::vector<ImageInfo>* infos = nullptr);

/// What kept an example from being read: nothing where `read` succeeded.
std::optional<SkippedFile> failure_of(const ExampleFiles&, const std::function<void()>& read);

/// What the headers say of all examples: extents are the most frequent size (ties: the larger), channels those of each
/// picture, colour when one file has it. `keep[i]`: example i will be decoded from the same bytes. Files without a
/// header are left out: decoding them will say what is wrong.
std::vector<PixelSpec> own_pixels(const std::vector<ExampleFiles>&, const std::vector<bool>& keep, FileBytes&);

struct DecodedPictures {
  std::vector<std::shared_ptr<const Column>> columns = {};  ///< one a picture of an example, row i example i
  std::vector<std::optional<SkippedFile>> failures = {};    ///< of each example; its row holds nothing then
};
/// Decodes all examples with several threads and brings each picture to its target. The bytes are kept where they fit
/// into `most_bytes_kept`; otherwise each is decoded again when it is read, and hash and batches are the same.
DecodedPictures decode_all(const std::vector<ExampleFiles>&, const std::vector<PixelSpec>& targets, FileBytes&,
                           int64_t most_bytes_kept);

}  // namespace figment
