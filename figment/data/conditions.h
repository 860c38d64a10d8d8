// Where the condition of an image that is drawn comes from: what a person gives in words and files, all classes in
// turn, or examples of a data set. Flags, previews and metrics all use this one page.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "figment/contracts/batch.h"
#include "figment/contracts/given.h"
#include "figment/media/image.h"

namespace figment {

/// Whether a model takes anything but labels: then each image that is drawn is given what one example has.
bool takes_examples(const ConditionSpec& takes);

/// The conditions of images number 0, 1, 2, …, without an end. For each kind that a model takes:
///   what is given holds for every image; given several times, it is taken in turn;
///   labels that are not given go through all combinations in turn, the class first, where the model takes nothing else
///   that would have to fit to them;
///   everything else comes from the examples in turn, all kinds of image i from one example.
class Conditions {
 public:
  /// Reads files that are named; `range`: what of a picture's values becomes black and white. `examples` may hold
  /// nothing. `where` begins sentences: "sample: pixel_cnn". Throws ConfigError for a word that the model does not take
  /// or a value that does not exist, DataError for a file that cannot be read.
  Conditions(const ConditionSpec& takes, const std::vector<Given>&, const Condition& examples, std::string_view where,
             const std::optional<ValueRange>& range = {});

  /// Of images `first` to `first + count - 1`, on the CPU. Throws ConfigError where the model takes what is neither
  /// given nor in the examples.
  Condition rows(int64_t first, int64_t count) const;

 private:
  Tensor label_in_turn(size_t attribute, int64_t first, int64_t count) const;

  ConditionSpec takes_;
  std::string where_;
  Condition given_;        ///< each tensor with as many rows as there are of it
  NamedTensors examples_;  ///< those that there are, by the names of each_tensor
  bool labels_in_turn_ = true;
};

/// The labels of each row by their names: "bag", of two attributes "bag, red"; nothing where there are none.
std::vector<std::string> labels_in_words(const ConditionSpec&, const Condition&);

}  // namespace figment
