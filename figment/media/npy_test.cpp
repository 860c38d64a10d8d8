#include <gmock/gmock.h>

#include <cstring>

#include "figment/base/error.h"
#include "figment/media/array.h"

namespace figment {
namespace {

TEST(Npy, HeaderAndValuesLieWhereNumPyReadsThem) {
  const std::vector<float> values = {1, -2, 3.5f, 4, 5, 6};
  const std::vector<int64_t> extents = {2, 3};
  const std::string bytes = write_npy(values, extents);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\0", 8));
  const size_t header = size_t(uint8_t(bytes[8])) | size_t(uint8_t(bytes[9])) << 8;
  EXPECT_EQ((10 + header) % 64, 0u);
  EXPECT_EQ(bytes.size(), 10 + header + 24);
  EXPECT_THAT(bytes.substr(10, header),
              testing::StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"));
  EXPECT_EQ(bytes[9 + header], '\n');
  std::vector<float> back(6);
  std::memcpy(back.data(), bytes.data() + 10 + header, 24);
  EXPECT_EQ(back, values);
}

TEST(Npy, WholeNumbersHaveEightBytes) {
  const std::vector<int64_t> values = {1, -2, int64_t(1) << 40}, extents = {3, 1};
  const std::string bytes = write_npy(values, extents);
  EXPECT_THAT(bytes, testing::HasSubstr("{'descr': '<i8', 'fortran_order': False, 'shape': (3, 1), }"));
  std::vector<int64_t> back(3);
  std::memcpy(back.data(), bytes.data() + bytes.size() - 24, 24);
  EXPECT_EQ(back, values);
}

TEST(Npy, AScalarAndALoneExtent) {
  const float value = 7;
  EXPECT_THAT(write_npy({&value, 1}, {}), testing::HasSubstr("'shape': (), "));
  const int64_t one = 1;
  EXPECT_THAT(write_npy({&value, 1}, {&one, 1}), testing::HasSubstr("'shape': (1,), "));
}

TEST(Npy, ExtentsThatDoNotFitAreRefused) {
  const std::vector<float> values(6);
  for (const std::vector<int64_t>& extents :
       {std::vector<int64_t>{7}, {2, 2}, {-2, -3}, {int64_t(1) << 40, int64_t(1) << 40}})
    EXPECT_THROW(write_npy(values, extents), ShapeError);
}

}  // namespace
}  // namespace figment
