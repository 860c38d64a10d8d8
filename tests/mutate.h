// Damaged bytes for tests of readers, from a seeded generator: the same on every machine.
#pragma once
#include <random>
#include <string>

namespace figment {

/// One to four changes: a byte replaced, a bit flipped, a byte taken out or put in, the end cut off.
inline std::string mutated(std::string bytes, std::mt19937& random) {
  for (auto changes = random() % 4 + 1; changes > 0 && !bytes.empty(); --changes) {
    const size_t at = random() % bytes.size();
    switch (random() % 5) {
      case 0:
        bytes[at] = char(random());
        break;
      case 1:
        bytes[at] = char(bytes[at] ^ 1 << random() % 8);
        break;
      case 2:
        bytes.erase(at, 1);
        break;
      case 3:
        bytes.insert(at, 1, char(random()));
        break;
      case 4:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

}  // namespace figment
