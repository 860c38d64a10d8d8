// A run folder with one damaged file, as the report reads it: the manifest, data.json, evaluation.json, the log or the
// recipe. The page is made, whatever the file holds.
#include "figment/pages/report.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>

#include "figment/media/image.h"
#include "figment/records/run_record.h"
#include "tests/fuzz/spliced.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

struct File {
  const char* name;
  std::string good;
};
const std::array<File, 5>& files() {
  static const std::array<File, 5> all = {{
      {"manifest.json",
       R"({"format": 2, "model": "vae", "title": "VAE", "command": "figment train vae", "seed": 1, "parameters": 123,
"parents": {"codes": {"run": "a", "weights": "00"}}, "data": {"source": "x", "hash": "1", "train": 9, "validation": 1}})"},
      {"data.json", R"({"pixels": {"channels": 1, "height": 28, "width": 28, "levels": 256}, "condition": {
"labels": [{"name": "class", "names": ["a", "b"]}], "text": {"vocabulary": ["a"], "merges": [], "max_tokens": 2},
"codes": [{"num_codes": 4, "height": 2, "width": 2}], "others": {"gaze": {"tensors": ["point"]}}}})"},
      {"evaluation.json", R"({"metrics": {"nll_nats": {"value": 1.5, "unit": "nats", "spread": 0.1, "split": "test",
"n": 10, "seed": 1}}, "left_out": ["a"], "warnings": ["b"], "series": {"s": {"values": [1, 2], "caption": "c"}},
"histograms": {"h": {"caption": "c", "unit": "u", "bin": 0.1, "shares": {"real": [0.5, 0.5]}}},
"pictures": {"neighbours": {"file": "samples/000000001.png", "caption": "d"}}})"},
      {"events.jsonl", R"({"event":"scalar","images":1,"name":"train/loss","value":1.5,"time":""}
{"event":"scalar","images":2,"name":"train/loss","value":1.25,"time":""}
{"event":"image","images":2,"name":"exhibit","text":"samples/000000001.png","caption":"c","value":0}
{"event":"finished","images":2,"text":"x","value":7,"time":""}
)"},
      {"recipe.toml", "[model]\nid = \"vae\"\nlatent = 4\n[training]\nimages = 2\n[parents]\nfeatures = \"x\"\n"},
  }};
  return all;
}

void put(const fs::path& file, const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

/// A good run in memory: the fuzzer writes thousands a second.
struct Run {
  Run() {
    fs::create_directories(folder / "samples");
    for (const File& file : files()) put(folder / file.name, file.good);
    put(folder / "samples" / "000000001.png", encode_png({.width = 1, .height = 1, .channels = 1, .pixels = {7}}));
  }
  ~Run() { fs::remove_all(folder); }
  const fs::path folder = fs::path("/dev/shm") / ("figment_fuzz_" + std::to_string(::getpid()));
};

}  // namespace
}  // namespace figment

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace figment;
  static const Run run;
  if (size == 0) return 0;
  const File& file = files()[data[0] % files().size()];
  put(run.folder / file.name, spliced(file.good, data + 1, size - 1));
  const std::string page = report_page(read_record(run.folder));
  if (!page.ends_with("</html>\n")) std::abort();
  put(run.folder / file.name, file.good);
  return 0;
}
