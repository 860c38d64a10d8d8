// What a person should know of pictures once they were decoded.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "figment/data/picture_files.h"

namespace figment {

/// Sentences: values that fill a small part of their range, with the setting to change; how many pictures are blank or
/// the same as another one; how many of them are in `test` and for training. `is_test` of each example. Examples that
/// were not read have no facts and are left out.
std::vector<std::string> remarks_on(std::span<const ExampleFacts>, const std::vector<bool>& is_test,
                                    const DataOptions&);

}  // namespace figment
