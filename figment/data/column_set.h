// A data set made of columns.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "figment/contracts/dataset.h"
#include "figment/data/column.h"

namespace figment {

/// Example i is row `rows[i]` of every column, seen under one geometry: that of the draw's seed. Splits of one data set
/// share their columns.
class ColumnSet final : public Dataset {
 public:
  /// What people call a row of the columns.
  using NameOfRow = std::function<std::string(int64_t row)>;

  /// `stored`: extents as the columns hold them. Throws ConfigError where the crop is larger than the pictures. `name`:
  /// null where the rows have none. `neighbours`: as the function of this name.
  ColumnSet(const DataSpec& stored, std::vector<std::shared_ptr<const Column>> columns, std::vector<int64_t> rows,
            GeometryOptions = {}, NameOfRow name = nullptr, int64_t neighbours = 1);

  const DataSpec& spec() const override { return spec_; }
  int64_t size() const override { return int64_t(rows_.size()); }
  Batch read(std::span<const Draw>) const override;
  /// Of the spec, with the extents that examples have, and of what is stored: equal for sets that differ by what the
  /// draws' seeds change.
  std::string hash() const override;
  std::string augmentation() const override { return described(geometry_); }
  std::string name(int64_t index) const override { return name_ ? name_(rows_.at(size_t(index))) : std::string(); }
  int64_t neighbours() const override { return neighbours_; }

 private:
  DataSpec spec_;
  PixelSpec stored_ = {};  // extents of the pictures, where there are some
  std::vector<std::shared_ptr<const Column>> columns_;
  std::vector<int64_t> rows_;
  GeometryOptions geometry_;
  NameOfRow name_;
  int64_t neighbours_;
};

/// 0 to count - 1.
std::vector<int64_t> all_rows(int64_t count);

}  // namespace figment
