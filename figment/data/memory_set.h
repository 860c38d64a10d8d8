// Images of one size, as bytes.
#pragma once
#include "figment/contracts/dataset.h"

namespace figment {

/// What a reader of files hands over.
struct Examples {
  Tensor images = {};  ///< [N,C,H,W] uint8
  Tensor labels = {};  ///< [N] int64 below class_names.size(), undefined where the data has none
  std::vector<std::string> class_names = {};
};

/// Keeps the examples of these rows, which must ascend. Works in place: no second copy of the images.
void keep_rows(Examples&, const std::vector<int64_t>& rows);

/// Images as bytes, wherever they lie: one pass gathers, mirrors and brings them to [-1,1], where byte b becomes
/// (b - 127.5) / 127.5. Uses no threads of the engine: loader threads would each start a pool of them.
class ByteSet : public Dataset {
 public:
  const DataSpec& spec() const override { return spec_; }
  int64_t size() const override { return size_; }
  Batch read(std::span<const Draw>) const override;
  std::string hash() const override;

 protected:
  /// `labels` may be undefined. `flip`: an image is mirrored left to right when its draw's seed says so.
  ByteSet(DataSpec, int64_t size, Tensor labels, bool flip);
  /// The bytes of one image, [C,H,W]: in `scratch`, which has their number, or where they lie.
  virtual const uint8_t* image(int64_t index, uint8_t* scratch) const = 0;
  /// Hash of the bytes of all images, one after the other.
  virtual std::string hash_of_images() const = 0;

 private:
  DataSpec spec_;
  int64_t size_;
  Tensor labels_;
  bool flip_;
};

/// Images held in memory.
class MemorySet : public ByteSet {
 public:
  MemorySet(Examples, bool flip);

 private:
  const uint8_t* image(int64_t index, uint8_t*) const override {
    return images_.const_data_ptr<uint8_t>() + index * images_.stride(0);
  }
  std::string hash_of_images() const override;

  Tensor images_;
};

}  // namespace figment
