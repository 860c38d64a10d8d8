#include "figment/checkpoint/safetensors.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <torch/torch.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>

#include "figment/base/error.h"
#include "figment/base/file.h"

namespace figment {
namespace {
using testing::HasSubstr;

std::string file_of(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header + data;
}

std::string sentence(const std::string& bytes) {
  try {
    from_safetensors(bytes, "x.safetensors");
    return "";
  } catch (const CheckpointError& error) { return error.what(); }
}

/// A file's header with one float tensor "a".
std::string header_with(const std::string& rest) { return "{\"a\":{\"dtype\":\"F32\"," + rest + "}}"; }

TensorMap one_of_each() {
  const at::Tensor numbers = torch::tensor({0.0, 1.0, -2.0, 100.0, 0.5, 3.0}, at::kDouble).view({2, 3});
  TensorMap all;
  for (const auto type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort, at::kChar,
                          at::kByte, at::kBool})
    all[fmt::format("of_{}", c10::toString(type))] = numbers.abs().to(type);
  all["signed"] = torch::tensor({INT64_MIN, int64_t(-1), INT64_MAX}, at::kLong);
  all["special"] = torch::tensor(
      {std::numeric_limits<double>::quiet_NaN(), -0.0, 5e-324, -std::numeric_limits<double>::infinity()}, at::kDouble);
  all["scalar"] = torch::tensor(7.25f).squeeze();
  all["empty"] = at::empty({0});
  all["no rows"] = at::empty({0, 5}, at::kBool);
  all["tail/λ\"\\\n"] = torch::tensor({true, false, true}, at::kBool);
  return all;
}

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() &&
         (a.nbytes() == 0 || std::memcmp(a.contiguous().data_ptr(), b.contiguous().data_ptr(), a.nbytes()) == 0);
}

TEST(Safetensors, EveryTypeShapeAndNameComesBackBitForBit) {
  const std::map<std::string, std::string> metadata{{"format", "pt"}, {"empty", ""}, {"ünï", "\"\\"}};
  const TensorMap tensors = one_of_each();
  const TensorFile back = from_safetensors(to_safetensors(tensors, metadata), "x");
  EXPECT_EQ(back.metadata, metadata);
  ASSERT_EQ(back.tensors.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) EXPECT_TRUE(same_bits(back.tensors.at(name), tensor)) << name;
}

TEST(Safetensors, NothingIsAFileToo) {
  const std::string bytes = to_safetensors({});
  EXPECT_EQ(bytes, file_of("{}      ", ""));
  EXPECT_TRUE(from_safetensors(bytes, "x").tensors.empty());
}

TEST(Safetensors, EqualContentsGiveEqualBytes) {
  const TensorMap tensors = one_of_each();
  TensorMap copies;
  for (auto item = tensors.rbegin(); item != tensors.rend(); ++item) copies[item->first] = item->second.clone();
  EXPECT_EQ(to_safetensors(tensors, {{"b", "1"}, {"a", "2"}}), to_safetensors(copies, {{"a", "2"}, {"b", "1"}}));
}

TEST(Safetensors, TheBytesAreThoseOfTheFormat) {
  const std::string bytes =
      to_safetensors({{"a", torch::tensor({true, false}, at::kBool)}, {"b", torch::tensor({1.0f, -2.0f})}});
  const std::string header = R"({"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                             R"("a":{"dtype":"BOOL","shape":[2],"data_offsets":[8,10]}})";
  EXPECT_EQ(bytes,
            file_of(header + std::string(8 - header.size() % 8, ' '), std::string("\0\0\x80\x3f\0\0\0\xc0\1\0", 10)));
}

TEST(Safetensors, DataBeginsAlignedAndSoDoesEachTensor) {
  for (int length = 1; length < 20; ++length) {
    const std::string bytes =
        to_safetensors({{std::string(size_t(length), 'n'), at::ones({1}, at::kByte)}, {"w", at::ones({1})}});
    uint64_t header = 0;
    std::memcpy(&header, bytes.data(), 8);
    EXPECT_EQ(header % 8, 0u);
    EXPECT_EQ(bytes.size(), 8 + header + 5);
  }
}

TEST(Safetensors, StridedViewsAreWrittenInTheirLogicalOrder) {
  const at::Tensor x = at::arange(24, at::kFloat).view({2, 3, 4});
  const TensorMap views{{"transposed", x.transpose(0, 2)},
                        {"every_second", x.slice(2, 0, 4, 2)},
                        {"expanded", x[0][0].expand({3, 4})},
                        {"channels_last", x.view({1, 2, 3, 4}).contiguous(at::MemoryFormat::ChannelsLast)}};
  for (const auto& [name, tensor] : from_safetensors(to_safetensors(views), "x").tensors) {
    EXPECT_TRUE(tensor.equal(views.at(name))) << name;
    EXPECT_TRUE(tensor.is_contiguous()) << name;
  }
}

TEST(Safetensors, LoadedTensorsOwnTheirMemory) {
  std::string bytes = to_safetensors({{"a", at::ones({4})}});
  const at::Tensor a = from_safetensors(bytes, "x").tensors.at("a");
  std::fill(bytes.begin(), bytes.end(), '\0');
  EXPECT_TRUE(a.equal(at::ones({4})));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a.data_ptr()) % 64, 0u);
}

TEST(Safetensors, WhatTheFormatLacksIsNotWritten) {
  EXPECT_THROW(to_safetensors({{"a", at::ones({1}, at::kComplexFloat)}}), CheckpointError);
  EXPECT_THROW(to_safetensors({{"a", at::Tensor()}}), CheckpointError);
  EXPECT_THROW(to_safetensors({{"a", at::ones({2, 2}).to_sparse()}}), CheckpointError);
  EXPECT_THROW(to_safetensors({{"__metadata__", at::ones({1})}}), CheckpointError);
  EXPECT_THROW(to_safetensors({{"\xff", at::ones({1})}}), CheckpointError);
}

struct Damaged {
  std::string bytes, says;
};

TEST(Safetensors, EachKindOfDamageGetsASentence) {
  const std::string eight(8, '\0'), good = R"("shape":[2],"data_offsets":[0,8])";
  const std::string a = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  std::string many_ones;
  for (int i = 0; i < 64; ++i) many_ones += ",1";
  ASSERT_EQ(sentence(file_of(header_with(good), eight)), "");
  const std::vector<Damaged> cases{
      {"", "has 0 bytes"},
      {"1234567", "has 7 bytes"},
      {std::string(8, '\xff'), "says its header has 18446744073709551615 bytes; at most 100000000 are read"},
      {file_of("{}", "").substr(0, 9), "says its header has 2 bytes, holds 1 of them"},
      {file_of("", ""), "does not begin with '{'"},
      {file_of("[]", ""), "does not begin with '{'"},
      {file_of(" {}", ""), "does not begin with '{'"},
      {file_of("{\"a\":", ""), "no JSON"},
      {file_of("{} x", ""), "no JSON"},
      {file_of("{\"\xff\":1}", ""), "no JSON"},
      {file_of("{\"a\":[[[[[[1]]]]]]}", ""), "nested deeper"},
      {file_of("{\"a\":" + std::string(100000, '['), ""), "nested deeper"},
      {file_of("{\"a\":1e999}", ""), "number that cannot be read"},
      {file_of("{\"a\":1}", ""), "described by no object"},
      {file_of("{" + a + "," + a + "}", eight), "has 'a' twice"},
      {file_of(header_with(R"("shape":[2],"shape":[2],"data_offsets":[0,8])"), eight), "has 'shape' twice"},
      {file_of(header_with(R"("shape":[2])"), eight), "nothing else"},
      {file_of(header_with(good + ",\"x\":1"), eight), "nothing else"},
      {file_of(R"({"a":{"dtype":4,"shape":[2],"data_offsets":[0,8]}})", eight), "nothing else"},
      {file_of(R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})", eight), "has the type 'F31'"},
      {file_of(header_with(R"("shape":2,"data_offsets":[0,8])"), eight), "no list 'shape'"},
      {file_of(header_with(R"("shape":[-2],"data_offsets":[0,8])"), eight), "no count: -2"},
      {file_of(header_with(R"("shape":[2.0],"data_offsets":[0,8])"), eight), "no count: 2.0"},
      {file_of(header_with(R"("shape":[[2]],"data_offsets":[0,8])"), eight), "nested deeper"},
      {file_of(header_with(R"("shape":["2"],"data_offsets":[0,8])"), eight), "no count: \"2\""},
      {file_of(header_with(R"("shape":[9223372036854775808],"data_offsets":[0,8])"), eight),
       "no count: 9223372036854775808"},
      {file_of(header_with(R"("shape":[18446744073709551618],"data_offsets":[0,8])"), eight),
       "no count: 1.8446744073709552e+19"},
      {file_of(header_with(R"("shape":[4294967296,4294967296],"data_offsets":[0,0])"), ""), "absurd shape"},
      {file_of(header_with(R"("shape":[0,4294967296,4294967296],"data_offsets":[0,0])"), ""), "absurd shape"},
      {file_of(header_with(R"("shape":[4611686018427387904],"data_offsets":[0,0])"), ""), "absurd shape"},
      {file_of(header_with("\"shape\":[2" + many_ones + "],\"data_offsets\":[0,8]"), eight), "65 dimensions"},
      {file_of(header_with(R"("shape":[3],"data_offsets":[0,8])"), eight),
       "'a' says Float [3], 12 bytes, but lies on 8 of them"},
      {file_of(header_with(R"("shape":[2],"data_offsets":[8,0])"), eight), "no range"},
      {file_of(header_with(R"("shape":[2],"data_offsets":[0])"), eight), "no range"},
      {file_of(header_with(R"("shape":[2],"data_offsets":[0,8,8])"), eight), "no range"},
      {file_of(header_with(R"("shape":[2],"data_offsets":[-8,0])"), eight), "no count: -8"},
      {file_of(header_with(R"("shape":[2],"data_offsets":[8,16])"), eight + eight),
       "8 bytes before 'a' that belong to no tensor"},
      {file_of(header_with(good), eight + "x"), "1 bytes at its end"},
      {file_of(header_with(good), eight.substr(1)), "ends at byte 8 of the data, 7 bytes are there"},
      {file_of("{" + a + R"(,"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", eight + eight.substr(4)),
       "'b' overlaps"},
      {file_of("{" + a + R"(,"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", eight), "overlaps"},
      {file_of(R"({"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})", "\x02"), "neither 0 nor 1"},
      {file_of(R"({"__metadata__":[]})", ""), "'__metadata__' that is no object"},
      {file_of(R"({"__metadata__":{"a":1}})", ""), "whose 'a' is no string"},
  };
  for (const Damaged& damaged : cases) {
    EXPECT_THAT(sentence(damaged.bytes), HasSubstr(damaged.says));
    EXPECT_THAT(sentence(damaged.bytes), testing::StartsWith("x.safetensors: "));
  }
}

std::string small_file() {
  return to_safetensors(
      {{"a", torch::tensor({1.5f, -2.0f})}, {"b.c", torch::tensor({true}, at::kBool)}, {"n", at::empty({0, 3})}},
      {{"k", "v"}});
}

TEST(Safetensors, EveryTruncationIsAnError) {
  const std::string whole = small_file();
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_NE(sentence(whole.substr(0, size)), "") << size;
}

TEST(Safetensors, EveryChangedByteLoadsOrGetsASentence) {
  const std::string whole = small_file();
  int loaded = 0, refused = 0;
  for (size_t place = 0; place < whole.size(); ++place)
    for (int value = 0; value < 256; ++value) {
      std::string changed = whole;
      changed[place] = char(value);
      ++(sentence(changed).empty() ? loaded : refused);  // anything but a CheckpointError ends the test
    }
  EXPECT_GT(loaded, 8 * 256);  // the two numbers take any bits
  EXPECT_GT(refused, int(whole.size()) * 100);
}

struct TemporaryFolder {
  TemporaryFolder() {
    std::string name = testing::TempDir() + "figment-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

TEST(Safetensors, AFileGivesWhatItsBytesGive) {
  const TemporaryFolder folder;
  const TensorMap tensors = one_of_each();
  write_file(folder.path / "x.safetensors", to_safetensors(tensors, {{"k", "v"}}));
  const TensorFile back = load_safetensors(folder.path / "x.safetensors");
  EXPECT_EQ(back.metadata.at("k"), "v");
  for (const auto& [name, tensor] : tensors) EXPECT_TRUE(same_bits(back.tensors.at(name), tensor)) << name;
}

TEST(Safetensors, DamagedAndMissingFilesGetASentence) {
  const TemporaryFolder folder;
  const auto path = folder.path / "x.safetensors";
  EXPECT_THROW(load_safetensors(path), FileError);
  EXPECT_THROW(load_safetensors(folder.path), FileError);
  const std::string whole = small_file();
  for (size_t size = 0; size < whole.size(); ++size) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, size);
    EXPECT_THROW(load_safetensors(path), CheckpointError) << size;
  }
}

}  // namespace
}  // namespace figment
