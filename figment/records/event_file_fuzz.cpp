// Whatever stands in a line, the others are read; what is read is written and read again.
#include "figment/records/event_file.h"

#include <cstdlib>

#include "tests/fuzz/spliced.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace figment;
  static const std::string good =
      R"({"event":"started","images":0,"text":"runs/0001-vae","value":1000,"time":"2026-01-02T03:04:05Z"})"
      "\n"
      R"({"event":"image","images":500,"name":"samples","text":"samples/000000500.png","caption":"drawn","value":0})"
      "\n"
      R"({"event":"scalar","images":1000,"name":"train/loss","value":1.5,"time":"2026-01-02T03:04:05Z"})"
      "\n";
  std::string again;
  const std::vector<Event> events = parse_events(spliced(good, data, size), "fuzz");
  for (const Event& event : events) again += json_text(to_json(event)) + "\n";
  if (parse_events(again, "again").size() != events.size()) std::abort();
  return 0;
}
