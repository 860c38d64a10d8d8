#include "cli/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "figment/base/file.h"
#include "figment/base/machine.h"
#include "figment/base/printable.h"
#include "figment/base/text.h"

namespace figment::cli {
namespace {

constexpr int kBar = 24;  // letters of a bar
constexpr double kRedrawSeconds = 0.1;

std::string bar(double share) {
  const int full = int(std::lround(std::clamp(share, 0.0, 1.0) * kBar));
  return fmt::format("[{}{}] {:3.0f} %", std::string(size_t(full), '='), std::string(size_t(kBar - full), ' '),
                     100 * share);
}

/// Whether stderr is a terminal that can draw a line again.
bool can_redraw() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) && terminal && std::string_view(terminal) != "dumb";
}

/// A line on stderr that is drawn again and again in the same place.
class Line {
 public:
  ~Line() { end(); }
  void draw(const std::string& text) {
    winsize window{};
    const size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1 ? window.ws_col - 1u : 79u;
    std::fprintf(stderr, "\r\x1b[K%s", printable(text).substr(0, width).c_str());
    open_ = true;
    drawn_ = steady_seconds();
  }
  bool due() const { return steady_seconds() - drawn_ >= kRedrawSeconds; }
  /// What was drawn last stays; whatever is printed next begins a line of its own.
  void end() {
    if (open_) std::fputc('\n', stderr);
    open_ = false;
  }

 private:
  bool open_ = false;
  double drawn_ = -1;
};

class JsonLines : public EventSink {
 public:
  void take(const Event& event) override {
    Json json = to_json(event);
    if (event.kind == Event::Kind::kFinished) json["run"] = json["path"] = event.text;
    print_json(json, -1);
    if (std::fflush(stdout) != 0 && !std::exchange(said_, true))  // whoever follows sees each event when it happens
      print_line(stderr, "warning: the events cannot be written to standard output; the training goes on");
    if (event.kind == Event::Kind::kWarning) print_line(stderr, "warning: " + event.text);
  }

 private:
  bool said_ = false;
};

/// What is known of a training just now.
struct TrainingLine {
  int64_t images = 0, of_images = 0;
  double rate = 0;                                          // images a second, 0 while unknown
  std::vector<std::pair<std::string, double>> losses = {};  // in the order they were first reported

  /// "1 min 21 s left  258,000 of 600,000 images  4,210 images/s  loss 236.1": a narrow terminal cuts the end alone.
  std::string text() const {
    std::string text;
    if (rate > 0 && of_images > images) text += fmt::format("{} left  ", time_left());
    text += fmt::format("{} of {}", with_commas(images), counted(of_images, "image"));
    if (rate > 0) text += fmt::format("  {} images/s", with_commas(std::llround(rate)));
    for (const auto& [name, value] : losses) text += fmt::format("  {} {}", name, number(value));
    return text;
  }
  std::string time_left() const { return duration(double(of_images - images) / rate); }
};

class Console : public EventSink {
 public:
  Console() : terminal_(can_redraw()) {}

  void take(const Event& event) override {
    if (event.kind != Event::Kind::kScalar) print_scores();
    switch (event.kind) {
      case Event::Kind::kStarted:
        now_ = {.images = event.images, .of_images = int64_t(event.value)};
        started_ = steady_seconds();
        print("training " + event.text);
        if (!event.caption.empty()) print(event.caption);
        return;
      case Event::Kind::kScalar:
        return take_scalar(event);
      case Event::Kind::kProgress:
        return take_progress(event);
      case Event::Kind::kWarning:
        return print("warning: " + event.text);
      case Event::Kind::kFinished:
        return finish(event);
      case Event::Kind::kImage:
        draws_ = draws_ || event.name == "samples";
        return;
      case Event::Kind::kCheckpoint:
        return;  // they lie in the run's folder; the report shows them
    }
  }

 private:
  void take_scalar(const Event& event) {
    static constexpr std::string_view kTrain = "train/", kValidation = "validation/";
    if (event.name.starts_with(kValidation)) {
      scores_ += fmt::format("  {} {}", event.name.substr(kValidation.size()), number(event.value));
      scores_at_ = event.images;
    }
    if (!event.name.starts_with(kTrain)) return;  // learning rates and norms: the report and TensorBoard draw them
    const std::string name = event.name.substr(kTrain.size());
    const auto found =
        std::find_if(now_.losses.begin(), now_.losses.end(), [&](const auto& loss) { return loss.first == name; });
    if (found == now_.losses.end())
      now_.losses.emplace_back(name, event.value);
    else
      found->second = event.value;
    now_.images = event.images;
    fresh_ = true;
  }

  void take_loading(double done) {
    constexpr double kPlainSeconds = 10;
    if (terminal_ && line_.due()) line_.draw(bar(done) + "  reading the data");
    if (terminal_ || steady_seconds() - loading_told_ < kPlainSeconds) return;
    print(fmt::format("reading the data, {:.0f} % done", 100 * done));
    loading_told_ = steady_seconds();
  }

  void take_progress(const Event& event) {
    if (event.name == kLoading) return take_loading(event.value);
    now_.images = event.images;
    now_.rate = event.value;
    tell_expected();
    if (terminal_ && line_.due()) line_.draw(bar(share()) + "  " + now_.text());
    if (!terminal_ && fresh_) print(now_.text());
    fresh_ = false;
  }

  /// Once the speed is known: how long the rest of the training takes.
  void tell_expected() {
    constexpr double kSecondsToKnow = 3;
    if (!started_ || steady_seconds() - *started_ < kSecondsToKnow || now_.images >= now_.of_images) return;
    print(fmt::format("about {} of training, at {} images/s; scores and previews come on top", now_.time_left(),
                      with_commas(std::llround(now_.rate))));
    started_.reset();
  }

  void finish(const Event& event) {
    if (!terminal_ && fresh_) print(now_.text());
    now_.images = event.images;
    if (terminal_) line_.draw(bar(share()) + "  " + now_.text());
    print(fmt::format("finished after {} in {}; try `figment {} {}{}`", counted(event.images, "image"),
                      duration(event.value), draws_ ? "sample" : "evaluate", shell_quoted(event.text),
                      draws_ ? " -o samples.png" : ""));
  }

  /// Scores on the validation part stay on the screen, a line for each time.
  void print_scores() {
    if (scores_.empty()) return;
    print(fmt::format("validation after {}:{}", counted(scores_at_, "image"), scores_));
    scores_.clear();
  }

  void print(const std::string& text) {
    line_.end();
    print_line(stderr, text);
  }

  double share() const { return now_.of_images > 0 ? double(now_.images) / double(now_.of_images) : 1; }

  const bool terminal_;
  Line line_;
  TrainingLine now_;
  bool draws_ = false;  // there were samples
  bool fresh_ = false;  // losses were reported since the last plain line
  std::string scores_;
  int64_t scores_at_ = 0;
  double loading_told_ = steady_seconds();  // on a plain line
  std::optional<double> started_ = {};      // until the expected time was told
};

}  // namespace

std::unique_ptr<EventSink> event_sink(bool json) {
  if (json) return std::make_unique<JsonLines>();
  return std::make_unique<Console>();
}

Progress progress_bar(std::string what) {
  if (!can_redraw()) return [](double) { return true; };
  return [what = std::move(what), line = std::make_shared<Line>()](double done) {
    if (line->due() || done >= 1) line->draw(bar(done) + "  " + what);
    if (done >= 1) line->end();
    return true;
  };
}

void print_line(std::FILE* stream, std::string_view text) { std::fprintf(stream, "%s\n", printable(text).c_str()); }

void print_json(const Json& json, int indent) {
  std::printf("%s\n", printable(json_text(json, indent), Lines::kMany).c_str());  // its escapes are JSON's own
}

void print_table(std::vector<std::vector<std::string>> rows) {
  for (auto& row : rows)
    for (std::string& cell : row) cell = printable(cell);
  std::vector<size_t> widths;
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  for (const auto& row : rows) {
    std::string text;
    for (size_t i = 0; i < row.size(); ++i)
      text += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
    print_line(stdout, text.substr(0, text.find_last_not_of(' ') + 1));
  }
}

void print_report(const Json& report, const std::string& indent) {
  for (const auto& [key, value] : report.items()) {
    const std::string head = report.is_array() ? indent + "- " : indent + key + ": ";
    if (!value.is_structured()) {
      print_line(stdout, head + (value.is_string() ? value.get<std::string>() : value.dump()));
    } else if (!value.empty()) {
      print_line(stdout, head.substr(0, head.size() - 1));
      print_report(value, indent + "  ");
    }
  }
}

std::string number(double value) { return fmt::format("{:.6g}", value); }

void save_png(const std::filesystem::path& path, const Image& image, const std::map<std::string, std::string>& text) {
  write_file(path, encode_png(image, text));
}

}  // namespace figment::cli
