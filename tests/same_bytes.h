// What "the same bytes" means.
#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "figment/base/hash.h"

namespace figment::testing {

/// Path within the run → hash, of every safetensors file.
inline std::map<std::string, std::string> tensors_in(const std::filesystem::path& run) {
  std::map<std::string, std::string> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run))
    if (entry.path().extension() == ".safetensors")
      all[std::filesystem::relative(entry.path(), run).string()] = hash_of_file(entry.path());
  return all;
}

}  // namespace figment::testing
