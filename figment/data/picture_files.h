// Pictures in files, each file read once while a data set is opened.
#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "figment/base/progress.h"
#include "figment/data/column.h"
#include "figment/data/image_files.h"
#include "figment/media/image.h"

namespace figment {

/// A picture in a file: all of it, or one of two that stand side by side.
struct PictureFile {
  enum class Part { kWhole, kLeft, kRight };
  ImageFile file = {};
  Part part = Part::kWhole;
  std::optional<ValueRange> range = {};  ///< of the file's values: what is brought to 0 to 255
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

/// What the headers say of a picture, of a half that of the half.
ImageInfo info_of(const PictureFile&, std::string_view bytes);

/// "rgb 8 bit": how the colours are held.
std::string mode_of(const ImageInfo&);
bool has_colour(std::string_view mode);

/// Throws DataError where a picture's file is too large to be read.
void expect_size_of_picture(int64_t bytes, std::string_view name);

/// What decoding an example told.
struct ExampleFacts {
  std::vector<ImageInfo> infos = {};    ///< of each picture what the headers say, of halves the half
  std::vector<ValueRange> values = {};  ///< the least and greatest value of each picture's file
  std::string hash = {};                ///< of the bytes that it is made of
  bool blank = false;                   ///< what is modelled is of one colour
};

/// The pictures of an example, decoded; `targets`, one a picture, allow a JPEG to be decoded smaller where it will be
/// made smaller. Throws DataError: a file is damaged, partners differ in size, two halves have an odd width.
std::vector<Image> decode_example(const ExampleFiles&, const std::function<std::string(const ImageFile&)>& bytes_of,
                                  const std::vector<PixelSpec>& targets, ExampleFacts* facts = nullptr);

/// The bytes of a file as it is now. Throws DataError where it is too large.
std::string bytes_of_file(const ImageFile&);

/// Brings the pictures to their targets, [C,H,W] each, one behind the other. `facts` gets hash and blank too.
void fit_example(const std::vector<Image>&, const std::vector<PixelSpec>& targets, uint8_t* to, ExampleFacts* facts);

/// What kept an example from being read: nothing where `read` succeeded.
std::optional<SkippedFile> failure_of(const ExampleFiles&, const std::function<void()>& read);

struct DecodedPictures {
  std::vector<std::shared_ptr<const Column>> columns = {};  ///< one a picture of an example, row i example i
  std::vector<std::optional<SkippedFile>> failures = {};    ///< of each example; its row holds nothing then
  std::vector<ExampleFacts> facts = {};                     ///< of each example that was read
};
/// Decodes all examples with several threads and brings each picture to its target. The bytes are kept where they fit
/// into `most_bytes_kept`; otherwise each is decoded again when it is read, and hash and batches are the same.
DecodedPictures decode_all(const std::vector<ExampleFiles>&, const std::vector<PixelSpec>& targets, FileBytes&,
                           int64_t most_bytes_kept, const Progress& go_on);

}  // namespace figment
