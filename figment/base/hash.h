// Content hashes: data, weights, caches.
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace figment {

/// XXH3, 128 bits: tells contents apart, proves nothing against an adversary.
class Hash {
 public:
  Hash();
  ~Hash();
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;
  Hash& add(const void* bytes, size_t count);
  Hash& add(std::string_view bytes) { return add(bytes.data(), bytes.size()); }
  std::string hex() const;  ///< 32 lower-case digits

 private:
  void* state_;
};

/// The first eight digits: enough to tell by eye which of a few it is, and for a file's name among a run's.
inline std::string short_hash(std::string_view hex) { return std::string(hex.substr(0, 8)); }

std::string hash_of(std::string_view bytes);
std::string hash_of_file(const std::filesystem::path&);

}  // namespace figment
