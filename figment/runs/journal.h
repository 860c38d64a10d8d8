// Sends training events to events.jsonl, TensorBoard, a listener and report.html.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "figment/contracts/event.h"
#include "figment/records/event_file.h"
#include "figment/records/run_folder.h"
#include "figment/records/tensorboard.h"

namespace figment {

class Journal {
 public:
  /// Cuts events.jsonl back to its first `bytes`, so that a resumed run says nothing twice, and begins a new file for
  /// TensorBoard at `images`. The listener must outlive the journal. Throws FileError.
  Journal(const RunFolder&, int64_t images, int64_t bytes, EventSink& listener);

  /// To events.jsonl, TensorBoard and the listener, with the present time. Progress goes to the listener alone: it
  /// comes ten times a second. The report is written anew after a checkpoint and at the end. Throws FileError where
  /// events.jsonl cannot be written; TensorBoard and the report are attempts.
  void tell(Event);
  /// The means of a log interval by their names; TensorBoard is also told the speed.
  void tell_means(int64_t images, const std::map<std::string, double>& means);
  /// To events.jsonl and the report alone, with the present time: why a training stopped, which the listener hears as
  /// an exception.
  void keep(Event);

  /// Does what no training ends for: reports, pictures, TensorBoard, the removal of older checkpoints. What it throws
  /// becomes a warning in the run, one until `what` succeeds again; the caller tries again at the next checkpoint.
  void attempt(std::string_view what, int64_t images, const std::function<void()>& part);

  /// The training stops here: the report says so.
  void end(int64_t images);

  /// Bytes of events.jsonl, all of them on the disk: a checkpoint's note keeps this number. Throws FileError.
  int64_t bytes() const { return file_.size(); }

 private:
  Journal(const RunFolder&, int64_t images, EventSink&, const std::string& warning);
  std::filesystem::path folder_;
  EventFile file_;
  void to_board(const Event&);
  std::optional<TensorBoardFile> board_;  // empty until its file could be made
  EventSink& listener_;
  std::optional<Event> speed_;                  // the newest that TensorBoard has not been told
  std::set<std::string, std::less<>> failing_;  // attempts that failed when they were last tried
  int64_t start_;
};

}  // namespace figment
