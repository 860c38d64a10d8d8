// What a data set is made of: columns, each of which fills its part of a batch for the same views of the same examples.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "figment/base/hash.h"
#include "figment/contracts/batch.h"
#include "figment/data/geometry.h"

namespace figment {

/// Which row to read, and with which seed and geometry.
struct View {
  int64_t row = 0;    ///< of the column
  uint64_t seed = 0;  ///< decides whatever else is random about the example
  Geometry geometry = {};
  bool whole = false;  ///< nothing is cropped: pictures of any size are shown whole, mirrored or not
};

class Column {
 public:
  virtual ~Column() = default;
  /// Fills the column's tensors, one example per view. `batch.condition` has a place for every tensor of the set's
  /// spec. All geometries have the same extents. Called from several threads at once, with no threads of the engine.
  virtual void read(std::span<const View>, Batch&) const = 0;
  /// Adds what the column holds in these rows, as it is stored.
  virtual void add_to(Hash&, std::span<const int64_t> rows) const = 0;
};

/// Pictures of one size, as bytes: one pass gathers, crops, mirrors and brings them to [-1,1].
class PixelColumn final : public Column {
 public:
  enum class Place { kX, kImage };  ///< Batch::x or Condition::image
  /// Writes the bytes [C,H,W] of a row.
  using Decode = std::function<void(int64_t row, uint8_t* to)>;
  /// A hash that tells the row from all others.
  using RowHash = std::function<std::string(int64_t row)>;

  PixelColumn(Place, Tensor bytes);  ///< held in memory, [N,C,H,W] uint8
  /// Decoded whenever they are read. Where `hash` is hash_of the row's bytes, the data have the hash that they have
  /// when they are held in memory.
  PixelColumn(Place, PixelSpec stored, Decode, RowHash hash);

  void read(std::span<const View>, Batch&) const override;
  void add_to(Hash&, std::span<const int64_t> rows) const override;

 private:
  Place place_;
  PixelSpec stored_;
  Tensor bytes_ = {};
  Decode decode_ = {};
  RowHash hash_ = {};
};

/// Tensors whose rows are gathered as they are: codes, points, and any part of a condition that has no place in the
/// picture. Kept as they are given; whole numbers of 32 bits are read as 64.
class RowsColumn final : public Column {
 public:
  explicit RowsColumn(Batch stored) : stored_(std::move(stored)) {}  ///< what is undefined is left to other columns
  void read(std::span<const View>, Batch&) const override;
  void add_to(Hash&, std::span<const int64_t> rows) const override;

 private:
  Batch stored_;
};

/// Boxes of objects, in shares of pictures that are stored in this size: cropped, clipped and mirrored as the picture
/// is. An object of which nothing is left is masked out.
class BoxColumn final : public Column {
 public:
  BoxColumn(Layout stored, PixelSpec pictures) : stored_(std::move(stored)), pictures_(pictures) {}
  void read(std::span<const View>, Batch&) const override;
  void add_to(Hash&, std::span<const int64_t> rows) const override;

 private:
  Layout stored_;  // box contiguous float
  PixelSpec pictures_;
};

}  // namespace figment
