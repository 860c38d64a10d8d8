// The files are read and written by Python without figment: with the standard library alone, and with the package
// `safetensors` where this machine has it.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <torch/torch.h>

#include <cstdio>
#include <cstdlib>

#include "figment/base/file.h"
#include "figment/checkpoint/safetensors.h"

namespace figment {
namespace {

constexpr const char* kRead = R"py(
import json, struct, sys
def read(path):
    raw = open(path, "rb").read()
    (length,) = struct.unpack("<Q", raw[:8])
    header, data = json.loads(raw[8:8 + length]), raw[8 + length:]
    letters = dict(F64="d", F32="f", F16="e", I64="q", I32="i", I16="h", I8="b", U8="B", BOOL="?")
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        part = data[begin:end]
        if entry["dtype"] == "BF16":  # the upper half of a float32
            halves = struct.unpack("<%dH" % (len(part) // 2), part)
            values = [struct.unpack("<f", struct.pack("<I", half << 16))[0] for half in halves]
        else:
            letter = letters[entry["dtype"]]
            values = list(struct.unpack("<%d%s" % (len(part) // struct.calcsize(letter), letter), part))
        tensors[name] = (entry["dtype"], entry["shape"], values)
    return tensors, header.get("__metadata__", {})
)py";

constexpr const char* kCheckOurs = R"py(
tensors, metadata = read(sys.argv[1])
assert metadata == {"images": "1200"}, metadata
for dtype in "F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL".split():
    expected = [False, True, True, True, True, True] if dtype == "BOOL" else [0, 1, 2, 3, 100, 5]
    assert tensors[dtype] == (dtype, [2, 3], expected), (dtype, tensors[dtype])
assert tensors["scalar"] == ("F32", [], [-7.25]), tensors["scalar"]
assert tensors["empty"] == ("I64", [0, 4], []), tensors["empty"]
assert tensors["transposed"] == ("F32", [3, 2], [0, 3, 1, 100, 2, 5]), tensors["transposed"]
assert tensors["lowest"] == ("I64", [1], [-2**63]), tensors["lowest"]
assert len(tensors) == 14, sorted(tensors)
)py";

constexpr const char* kPackageAgrees = R"py(
try:
    import safetensors
except ImportError:
    sys.exit(77)
tensors, metadata = read(sys.argv[1])
theirs = dict(safetensors.deserialize(open(sys.argv[1], "rb").read()))
assert set(theirs) == set(tensors)
for name, entry in theirs.items():
    dtype, shape, values = tensors[name]
    assert (entry["dtype"], list(entry["shape"])) == (dtype, shape), name
    if dtype == "F32":
        assert list(struct.unpack("<%df" % len(values), bytes(entry["data"]))) == values, name
try:
    from safetensors.numpy import load, save
except ImportError:
    sys.exit(0)
ours = open(sys.argv[2], "rb").read()
assert save(load(ours), {"images": "1200"}) == ours, "the package writes other bytes"
)py";

constexpr const char* kWrite = R"py(
import json, struct, sys
entries = {"w": ("F32", [2, 2], struct.pack("<4f", 1, -2, 0.5, 1e-3)), "steps": ("I64", [], struct.pack("<q", -5)),
           "half": ("BF16", [2], struct.pack("<2H", 0x3F80, 0xC000)), "mask": ("BOOL", [3], bytes([1, 0, 1]))}
header, data = {"__metadata__": {"format": "pt"}}, b""
for name, (dtype, shape, raw) in entries.items():
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
open(sys.argv[1], "wb").write(struct.pack("<Q", len(text)) + text + data)
)py";

class Python : public testing::Test {
 protected:
  Python() {
    std::string name = testing::TempDir() + "figment-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    folder_ = name;
  }
  ~Python() override { std::filesystem::remove_all(folder_); }

  /// Exit status of the program; what it printed is in `said_`.
  int run(const std::string& program, const std::string& arguments) {
    write_file(folder_ / "program.py", program);
    const std::string command = "cd '" + folder_.string() + "' && python3 program.py " + arguments + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    char line[256];
    said_.clear();
    while (std::fgets(line, sizeof line, pipe)) said_ += line;
    return WEXITSTATUS(::pclose(pipe));
  }

  void write_ours() {
    const at::Tensor numbers = torch::tensor({0, 1, 2, 3, 100, 5}).view({2, 3});
    TensorMap all{{"F64", numbers.to(at::kDouble)},        {"F32", numbers.to(at::kFloat)},
                  {"F16", numbers.to(at::kHalf)},          {"I64", numbers.to(at::kLong)},
                  {"I32", numbers.to(at::kInt)},           {"I16", numbers.to(at::kShort)},
                  {"I8", numbers.to(at::kChar)},           {"U8", numbers.to(at::kByte)},
                  {"BOOL", numbers.to(at::kBool)},         {"scalar", torch::tensor(-7.25f)},
                  {"empty", at::empty({0, 4}, at::kLong)}, {"transposed", numbers.to(at::kFloat).t()},
                  {"lowest", torch::tensor({INT64_MIN})}};
    write_file(folder_ / "numpy.safetensors", to_safetensors(all, {{"images", "1200"}}));  // which knows no bfloat16
    all["BF16"] = numbers.to(at::kBFloat16);
    write_file(folder_ / "ours.safetensors", to_safetensors(all, {{"images", "1200"}}));
  }

  std::filesystem::path folder_;
  std::string said_;
};

TEST_F(Python, TheStandardLibraryAloneReadsOurFile) {
  if (run("", "") != 0) GTEST_SKIP() << "no python3";
  write_ours();
  EXPECT_EQ(run(std::string(kRead) + kCheckOurs, "ours.safetensors"), 0) << said_;
}

TEST_F(Python, ThePackageReadsOurFileAndWritesTheSameBytes) {
  if (run("", "") != 0) GTEST_SKIP() << "no python3";
  write_ours();
  const int status = run(std::string(kRead) + kPackageAgrees, "ours.safetensors numpy.safetensors");
  if (status == 77) GTEST_SKIP() << "python3 has no package safetensors";
  EXPECT_EQ(status, 0) << said_;
}

TEST_F(Python, WeReadAFileThatPythonWrote) {
  if (run("", "") != 0) GTEST_SKIP() << "no python3";
  ASSERT_EQ(run(kWrite, "theirs.safetensors"), 0) << said_;
  const TensorFile file = load_safetensors(folder_ / "theirs.safetensors");
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"format", "pt"}}));
  EXPECT_TRUE(file.tensors.at("w").equal(torch::tensor({1.0f, -2.0f, 0.5f, 1e-3f}).view({2, 2})));
  EXPECT_TRUE(file.tensors.at("steps").equal(torch::tensor(int64_t(-5))));
  EXPECT_TRUE(file.tensors.at("half").equal(torch::tensor({1.0f, -2.0f}).to(at::kBFloat16)));
  EXPECT_TRUE(file.tensors.at("mask").equal(torch::tensor({true, false, true})));
}

}  // namespace
}  // namespace figment
