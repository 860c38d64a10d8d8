// A data set made of columns.
#pragma once
#include <memory>
#include <vector>

#include "figment/contracts/dataset.h"
#include "figment/data/column.h"

namespace figment {

/// Example i is row `rows[i]` of every column, seen under one geometry: that of the draw's seed. Splits of one data set
/// share their columns.
class ColumnSet final : public Dataset {
 public:
  /// `stored`: extents as the columns hold them. Throws ConfigError where the crop is larger than the pictures.
  /// `names`: of each row of the columns; null where they have none.
  ColumnSet(const DataSpec& stored, std::vector<std::shared_ptr<const Column>> columns, std::vector<int64_t> rows,
            GeometryOptions = {}, std::shared_ptr<const std::vector<std::string>> names = nullptr);

  const DataSpec& spec() const override { return spec_; }
  int64_t size() const override { return int64_t(rows_.size()); }
  Batch read(std::span<const Draw>) const override;
  /// Of the spec, with the extents that examples have, and of what is stored: equal for sets that differ by what the
  /// draws' seeds change.
  std::string hash() const override;
  std::string augmentation() const override { return described(geometry_); }
  std::string name(int64_t index) const override {
    return names_ ? names_->at(size_t(rows_.at(size_t(index)))) : std::string();
  }

 private:
  DataSpec spec_;
  PixelSpec stored_ = {};  // extents of the pictures, where there are some
  std::vector<std::shared_ptr<const Column>> columns_;
  std::vector<int64_t> rows_;
  GeometryOptions geometry_;
  std::shared_ptr<const std::vector<std::string>> names_;
};

/// 0 to count - 1.
std::vector<int64_t> all_rows(int64_t count);

}  // namespace figment
