#include "figment/runs/journal.h"

#include <utility>

#include "figment/base/machine.h"
#include "figment/pages/report.h"

namespace figment {

Journal::Journal(const RunFolder& folder, int64_t images, int64_t bytes, EventSink& listener)
    : Journal(folder, images, listener, EventFile::truncate(folder.events(), bytes)) {}

Journal::Journal(const RunFolder& folder, int64_t images, EventSink& listener, const std::string& warning)
    : folder_(folder.path()), file_(folder.events()), board_(folder_, images), listener_(listener) {
  if (!warning.empty()) tell({.kind = Event::Kind::kWarning, .images = images, .text = warning});
}

void Journal::tell(Event event) {
  event.time = utc_now();
  if (event.kind == Event::Kind::kProgress) {
    speed_ = event;
  } else {
    file_.take(event);
    board_.take(event);
  }
  listener_.take(event);
  if (event.kind == Event::Kind::kCheckpoint || event.kind == Event::Kind::kFinished) write_report(folder_);
}

void Journal::tell_means(int64_t images, const std::map<std::string, double>& means) {
  for (const auto& [name, value] : means)
    tell({.kind = Event::Kind::kScalar, .images = images, .name = name, .value = value});
  if (const auto speed = std::exchange(speed_, std::nullopt)) board_.take(*speed);
}

void Journal::keep(Event event) {
  event.time = utc_now();
  file_.take(event);
  write_report(folder_);
}

}  // namespace figment
