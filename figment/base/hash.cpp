#include "figment/base/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <limits>
#include <new>
#include <vector>

#include "figment/base/input_file.h"

namespace figment {

Hash::Hash() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_128bits_reset(static_cast<XXH3_state_t*>(state_));
}

Hash::~Hash() { XXH3_freeState(static_cast<XXH3_state_t*>(state_)); }

Hash& Hash::add(const void* bytes, size_t count) {
  XXH3_128bits_update(static_cast<XXH3_state_t*>(state_), bytes, count);
  return *this;
}

std::string Hash::hex() const {
  const XXH128_hash_t value = XXH3_128bits_digest(static_cast<const XXH3_state_t*>(state_));
  return fmt::format("{:016x}{:016x}", value.high64, value.low64);
}

std::string hash_of(std::string_view bytes) { return Hash().add(bytes).hex(); }

std::string hash_of_file(const std::filesystem::path& path) {
  InputFile file(path, std::numeric_limits<int64_t>::max());  // it is never held whole
  std::vector<char> part(size_t(1) << 20);
  Hash hash;
  while (const size_t count = file.read(part.data(), part.size())) hash.add(part.data(), count);
  return hash.hex();
}

}  // namespace figment
