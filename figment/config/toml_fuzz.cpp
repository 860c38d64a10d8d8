#include <cstdint>

#include "figment/config/table.h"
#include "figment/config/test_settings.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  figment::Table out;
  try {
    const auto table = figment::Table::parse({reinterpret_cast<const char*>(data), size}, "fuzz");
    figment::write(out, "", figment::read<figment::TestSettings>(table));
  } catch (const figment::ConfigError&) { return 0; }
  figment::read<figment::TestSettings>(figment::Table::parse(out.toml(), "again"));  // what we write, we read
  return 0;
}
