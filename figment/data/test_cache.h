// Tests whose folder of caches is their own.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "figment/base/test_folder.h"

namespace figment {

/// While it lives this folder is that of the user's caches, for the programs that are started meanwhile too.
class CachesIn {
 public:
  explicit CachesIn(const std::filesystem::path& folder) {
    if (const char* own = std::getenv(kVariable)) before_ = own;
    setenv(kVariable, folder.c_str(), 1);
  }
  ~CachesIn() { before_ ? setenv(kVariable, before_->c_str(), 1) : unsetenv(kVariable); }
  CachesIn(const CachesIn&) = delete;
  CachesIn& operator=(const CachesIn&) = delete;

 private:
  static constexpr const char* kVariable = "XDG_CACHE_HOME";
  std::optional<std::string> before_ = {};
};

/// A test with a folder of its own, in which `cache` is that of the user's caches.
class OwnCache : public OwnFolder {
 private:
  CachesIn caches_{folder / "cache"};
};

}  // namespace figment
