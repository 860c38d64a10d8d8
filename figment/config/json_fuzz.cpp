#include <cstdint>

#include "figment/config/json.h"
#include "figment/config/test_settings.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto json = figment::parse_json({reinterpret_cast<const char*>(data), size}, "fuzz");
    figment::to_json(figment::from_json<figment::TestSettings>(json, "fuzz"));
  } catch (const figment::ConfigError&) {}
  return 0;
}
