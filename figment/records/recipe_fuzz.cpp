// A recipe, with or without stages: read, changed as the command line changes it, written and read again.
#include "figment/records/recipe.h"

#include "figment/base/error.h"
#include "tests/fuzz/spliced.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace figment;
  static const std::string good = R"(stages = ["codes", "prior"]
[codes.model]
id = "vq_vae"
quantizer = { num_codes = 64 }
[codes.data]
source = "fashion-mnist"
[prior]
parents = { codes = "codes" }
[prior.model]
id = "pixel_cnn"
[prior.training]
images = 1000
)";
  try {
    const Table table = Table::parse(spliced(good, data, size), "fuzz");
    const std::vector<std::string> stages = read_stages(table);
    training_of(table);
    map_stages(table, [](Table& recipe) {
      recipe.set_text("data.source", "photos");
      read_recipe(Table::parse(to_table(read_recipe(recipe)).toml(), "again"));  // what we write, we read
    });
    read_stages(with_parent(table, "codes", "runs/0001-vq_vae"));
  } catch (const ConfigError&) {}
  return 0;
}
