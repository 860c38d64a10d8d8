// What a run says of itself while it goes on, free of the engine: to the file, TensorBoard, the console, the server.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "figment/config/json.h"

namespace figment {

struct Event {
  enum class Kind { kStarted, kScalar, kImage, kProgress, kWarning, kCheckpoint, kFinished };
  Kind kind = Kind::kScalar;
  int64_t images = 0;     ///< images seen when it happened
  std::string name = {};  ///< "train/kl_nats", "samples"
  double value = 0;       ///< scalar; started: of how many images; progress: images a second, or named kLoading the
                          ///< share of the data that is read; finished: seconds of training, all told
  std::string text = {};  ///< warning; image and checkpoint: path within the run; started and finished: path of the run
  std::string caption = {};  ///< image: what it shows
  std::string time = {};     ///< UTC, filled by whoever emits
};
constexpr auto words(Event::Kind) {
  return std::to_array<std::string_view>(
      {"started", "scalar", "image", "progress", "warning", "checkpoint", "finished"});
}

/// Name of the progress of reading data, before anything is trained.
inline constexpr std::string_view kLoading = "loading";

/// {"event": "scalar", "images": 1000, "name": "train/loss", "value": 1.5, "time": "…"}; "text" and
/// "caption" where there are some. A value that is NaN or infinite is null.
Json to_json(const Event&);
/// Throws ConfigError.
Event event_from_json(const Json&, std::string_view where);

struct EventSink {
  virtual ~EventSink() = default;
  virtual void take(const Event&) = 0;
};

}  // namespace figment
