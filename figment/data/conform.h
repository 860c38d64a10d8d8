// What every format does alike: which images belong to a split, and how a set is brought to the shape that a run
// expects.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "figment/data/catalog.h"
#include "figment/data/options.h"
#include "figment/media/image.h"

namespace figment {

/// How many of `train` images are put aside: `options.validation`, at most a tenth.
int64_t validation_size(int64_t train, const DataOptions&);

/// Whether an image of this name is one of the tenth that is put aside for testing where nobody split the data: by the
/// hash of its name, whatever other images there are.
bool is_for_testing(std::string_view name);

/// Which of the `train` images belong to kTrain or kValidation, ascending: the same for every run.
std::vector<int64_t> rows_of(Split, int64_t train, const DataOptions&);

/// True if size and channels are fixed by `like` or the options, so image headers need not be read.
bool extents_known(const DataOptions&, const DataSpec* like);

/// Extents and channels that images are brought to before they are cropped: those of `like`, else the options', else
/// their own. Throws DataError when `like` is of another kind or of another crop, ConfigError for two channels.
PixelSpec target_pixels(const PixelSpec& own, const DataOptions&, const DataSpec* like);

/// `data.range`. Throws ConfigError where it is not two numbers, the smaller one first.
std::optional<ValueRange> value_range(const DataOptions&);
/// The same of the picture that is the condition of a pair: only two halves of one file share a range.
std::optional<ValueRange> value_range_of_condition(const DataOptions&);

/// Brings a picture to `target` and writes its bytes as [C,H,W]. Other aspects lose their edges, not their proportions.
void fit(const Image&, const PixelSpec& target, uint8_t* to);

/// Throws DataError naming a kind of condition that `like` has and a set with `own` does not have. Labels are not
/// checked: a set without classes is accepted; the model checks whether it needs them.
void expect_kinds(const ConditionSpec& own, const DataSpec* like, std::string_view where);

/// The number of the name that a word means: the name itself, else without regard to case where only one fits so.
std::optional<int64_t> number_of_name(const std::string& word, const std::vector<std::string>& names);

/// An attribute as a set has it by itself.
struct Attribute {
  LabelSpec labels = {};
  bool numbered = false;  ///< the names are only "0", "1", …: those of `like` are taken over
};

/// An attribute as it is handed out.
struct ConformedAttribute {
  LabelSpec labels = {};
  size_t own = 0;                       ///< which of the set's own attributes it is
  std::vector<int64_t> number_of = {};  ///< the number that each of the set's own values gets
};

/// The attributes that `opening.like` has, in its order and with its names and numbers; without it the set's own. None
/// where the set has none. Throws DataError naming the attribute that the set lacks, or the value that `like` does not
/// know; where `opening.may_lack_classes`, the attribute is left out and `opening.notes` says so.
std::vector<ConformedAttribute> conformed(const std::vector<Attribute>& own, const Opening& opening,
                                          std::string_view where);

/// Their specs, for a ConditionSpec.
std::vector<LabelSpec> label_specs(const std::vector<ConformedAttribute>&);

}  // namespace figment
