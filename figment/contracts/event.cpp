#include "figment/contracts/event.h"

#include <fmt/format.h>

#include <limits>

#include "figment/base/error.h"

namespace figment {
namespace {

constexpr int64_t kMostImages = int64_t(9e15);  // charts have them as doubles

}  // namespace

Json to_json(const Event& event) {
  Json json = {{"event", kWords<Event::Kind>[size_t(event.kind)]}, {"images", event.images}};
  if (!event.name.empty()) json["name"] = event.name;
  if (!event.text.empty()) json["text"] = event.text;
  if (!event.caption.empty()) json["caption"] = event.caption;
  json["value"] = event.value;
  json["time"] = event.time;
  return json;
}

Event event_from_json(const Json& json, std::string_view where) {
  try {
    Event event;
    const auto word = json.at("event").get<std::string>();
    const auto& all = kWords<Event::Kind>;
    const auto found = std::find(all.begin(), all.end(), word);
    if (found == all.end()) throw ConfigError(fmt::format("{}: '{}' is no kind of event", where, word));
    event.kind = Event::Kind(found - all.begin());
    const auto images = integer_of(json.at("images"));
    if (!images || *images < 0 || *images > kMostImages)
      throw ConfigError(fmt::format("{}: an event's images must be in [0, {}]", where, kMostImages));
    event.images = *images;
    event.name = json.value("name", "");
    event.text = json.value("text", "");
    event.caption = json.value("caption", "");
    const Json& value = json.at("value");
    event.value = value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
    event.time = json.value("time", "");
    return event;
  } catch (const Json::exception&) { throw ConfigError(fmt::format("{}: is no event", where)); }
}

}  // namespace figment
