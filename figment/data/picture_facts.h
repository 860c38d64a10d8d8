// What a person should know of pictures once they were decoded.
#pragma once
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "figment/data/picture_files.h"

namespace figment {

/// Sentences: values that fill a small part of their range, with the setting to change; how many pictures are blank or
/// the same as another one; how many of them are in `test` and for training. `is_test` of each example. Examples that
/// were not read have no facts and are left out.
std::vector<std::string> remarks_on(std::span<const ExampleFacts>, const std::vector<bool>& is_test,
                                    const DataOptions&);

/// Names and how many of each.
using Counts = std::vector<std::pair<std::string, int64_t>>;

/// The most frequent first; of equally many the first by name.
Counts most_frequent(const std::map<std::string, int64_t>&);

/// Width and height of what is modelled, "16x12", most frequent first.
Counts sizes_of(std::span<const ExampleFacts>);

/// Sentences: the pictures have several sizes; most are twice as wide as high, with the setting where they are pairs.
std::vector<std::string> remarks_on_sizes(std::span<const ExampleFacts>, const DataOptions&);

/// The first of them, of these sizes.
std::vector<std::string> remarks_on_sizes(const Counts& sizes);

/// Sentences: a class holds 90 % of the examples, or none.
std::vector<std::string> remarks_on_classes(const Counts&);

}  // namespace figment
