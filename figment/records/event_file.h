// events.jsonl: the events of a run, a JSON object on each line.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "figment/contracts/event.h"
#include "figment/records/append_file.h"

namespace figment {

class EventFile final : public EventSink {
 public:
  /// Appends to what is there. Throws FileError.
  explicit EventFile(const std::filesystem::path& path) : file_(path) {}

  /// One line, handed to the system before it returns: a killed process loses none. Throws FileError on a full disk,
  /// and the file then ends with the line before.
  void take(const Event&) override;

  /// Bytes so far, all of them on the disk when it returns: a checkpoint keeps this number. Throws FileError.
  int64_t size() const;

  /// Cuts the file at `path` back to a checkpoint's `bytes`, so that a resumed run repeats no line. Where the file has
  /// fewer or is missing nothing is cut but a half-written last line: the run can go on, and the sentence that is
  /// returned says what its curves have lost. Empty when all is well. Throws FileError.
  [[nodiscard]] static std::string truncate(const std::filesystem::path& path, int64_t bytes);

 private:
  AppendFile file_;
};

/// Every line that is an event, in order; half-written and damaged ones are skipped, because the rest is still of
/// use. NaN and infinity, which JSON cannot write, are null in the file and come back as NaN.
std::vector<Event> parse_events(std::string_view text, std::string_view source);

/// The same of a file of at most 1 GiB. A missing one has no events. Throws FileError where it is there and cannot be
/// read.
std::vector<Event> read_events(const std::filesystem::path&);

}  // namespace figment
