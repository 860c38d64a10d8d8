#include "figment/base/hash.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "figment/base/error.h"
#include "figment/base/file.h"

namespace figment {
namespace {

TEST(Hash, IsXxh3Of128Bits) {  // the value that xxHash publishes for nothing, with seed 0
  EXPECT_EQ(hash_of(""), "99aa06d3014798d86001c324468d497f");
}

TEST(Hash, PartsMakeTheWhole) {
  Hash parts;
  parts.add("fig").add("").add("ment");
  EXPECT_EQ(parts.hex(), hash_of("figment"));
  EXPECT_EQ(parts.hex(), parts.hex());  // asking changes nothing
  EXPECT_NE(parts.add("s").hex(), hash_of("figment"));
}

TEST(Hash, OfAFileIsThatOfItsBytes) {
  const auto path = std::filesystem::temp_directory_path() / ("figment-hash-" + std::to_string(::getpid()));
  const std::string bytes(100000, 'x');
  write_file(path, bytes);
  EXPECT_EQ(hash_of_file(path), hash_of(bytes));
  std::filesystem::remove(path);
  EXPECT_THROW(hash_of_file(path), FileError);
}

}  // namespace
}  // namespace figment
