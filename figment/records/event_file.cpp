#include "figment/records/event_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kMostLogBytes = int64_t(1) << 30;  // ten million events

}  // namespace

void EventFile::take(const Event& event) { file_.append(json_text(to_json(event)) + "\n"); }

int64_t EventFile::size() const {
  file_.sync();
  return file_.size();
}

std::string EventFile::truncate(const fs::path& path, int64_t bytes) {
  if (!is_there(path)) {
    if (bytes == 0) return "";
    return fmt::format("'{}' is missing: the run goes on, earlier points of its curves are lost", path.string());
  }
  AppendFile file(path);
  const int64_t size = file.size();
  if (size >= bytes) {
    file.cut(bytes);
    return "";
  }
  file.cut(int64_t(read_file(path, kMostLogBytes).rfind('\n') + 1));  // npos + 1 is 0
  return fmt::format("'{}' holds {}, the checkpoint was saved with {}: the run goes on, its curves have a gap",
                     path.string(), counted(size, "byte"), with_commas(bytes));
}

std::vector<Event> parse_events(std::string_view text, std::string_view source) {
  std::vector<Event> events;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with('{')) continue;  // spares an exception for each of many empty lines
    try {
      events.push_back(event_from_json(parse_json(line, source), source));
    } catch (const ConfigError&) { continue; }
  }
  return events;
}

std::vector<Event> read_events(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  return parse_events(read_file(path, kMostLogBytes), path.filename().string());
}

}  // namespace figment
