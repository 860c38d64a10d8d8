#include "figment/records/event_file.h"

#include <fmt/format.h>

#include <system_error>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"

namespace figment {
namespace fs = std::filesystem;

void EventFile::take(const Event& event) {
  // A path or a class name may hold bytes that are no UTF-8: they become U+FFFD, the line stays JSON.
  file_.append(to_json(event).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

int64_t EventFile::size() const {
  file_.sync();
  return file_.size();
}

std::string EventFile::truncate(const fs::path& path, int64_t bytes) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    if (bytes == 0) return "";
    return fmt::format("'{}' is missing: the run goes on, earlier points of its curves are lost", path.string());
  }
  auto keep = uintmax_t(bytes);
  std::string sentence;
  if (const uintmax_t size = fs::file_size(path, error); !error && size < keep) {
    keep = read_file(path).rfind('\n') + 1;  // npos + 1 is 0
    sentence = fmt::format("'{}' holds {}, the checkpoint was saved with {}: the run goes on, its curves have a gap",
                           path.string(), counted(int64_t(size), "byte"), with_commas(bytes));
  }
  if (!error) fs::resize_file(path, keep, error);
  if (error) throw FileError(fmt::format("cannot cut '{}': {}", path.string(), error.message()));
  return sentence;
}

std::vector<Event> read_events(const fs::path& path) {
  std::vector<Event> events;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return events;
  const std::string text = read_file(path);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const Json json =
        Json::parse(text.begin() + std::ptrdiff_t(begin), text.begin() + std::ptrdiff_t(end), nullptr, false);
    begin = end + 1;
    if (!json.is_object()) continue;
    try {
      events.push_back(event_from_json(json, path.filename().string()));
    } catch (const ConfigError&) { continue; }
  }
  return events;
}

}  // namespace figment
