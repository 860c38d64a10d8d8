#include "figment/runs/journal.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "figment/base/machine.h"
#include "figment/pages/report.h"

namespace figment {

Journal::Journal(const RunFolder& folder, int64_t images, int64_t bytes, EventSink& listener)
    : Journal(folder, images, listener, EventFile::truncate(folder.events(), bytes)) {}

Journal::Journal(const RunFolder& folder, int64_t images, EventSink& listener, const std::string& warning)
    : folder_(folder.path()), file_(folder.events()), listener_(listener), start_(images) {
  if (!warning.empty()) tell({.kind = Event::Kind::kWarning, .images = images, .text = warning});
}

void Journal::tell(Event event) {
  event.time = utc_now();
  if (event.kind == Event::Kind::kProgress) {
    speed_ = event;
  } else {
    file_.take(event);
    to_board(event);
  }
  listener_.take(event);
  if (event.kind == Event::Kind::kCheckpoint || event.kind == Event::Kind::kFinished)
    attempt("report", event.images, [&] { write_report(folder_); });
}

void Journal::to_board(const Event& event) {
  attempt("TensorBoard", event.images, [&] {
    if (!board_) board_.emplace(folder_, start_);
    board_->take(event);
  });
}

void Journal::attempt(std::string_view what, int64_t images, const std::function<void()>& part) {
  try {
    part();
    failing_.erase(std::string(what));
  } catch (const std::exception& error) {
    const std::string_view all = error.what();  // the engine adds where in its code it was
    if (failing_.emplace(what).second)          // before it is told: telling is an attempt too
      tell({.kind = Event::Kind::kWarning,
            .images = images,
            .text = fmt::format("{}: {}; the training itself is not affected", what, all.substr(0, all.find('\n')))});
  }
}

void Journal::tell_means(int64_t images, const std::map<std::string, double>& means) {
  for (const auto& [name, value] : means)
    tell({.kind = Event::Kind::kScalar, .images = images, .name = name, .value = value});
  if (const auto speed = std::exchange(speed_, std::nullopt)) to_board(*speed);
}

void Journal::end(int64_t images) {
  attempt("report", images, [&] { write_report(folder_, true); });
}

void Journal::keep(Event event) {
  event.time = utc_now();
  file_.take(event);
  attempt("report", event.images, [&] { write_report(folder_); });
}

}  // namespace figment
