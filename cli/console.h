// What a person or a script sees while something goes on, and the results afterwards. Progress goes to stderr, results
// to stdout; with --json stdout holds JSON alone.
#pragma once
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "figment/contracts/event.h"
#include "figment/runs/engine.h"

namespace figment::cli {

/// Shows a training, or one after the other. JSON lines on stdout, the last one {"event": "finished", …, "run",
/// "path"}; or on a terminal one line that is redrawn (bar, rate, time left, each term of the loss); or a plain line
/// whenever losses are reported.
std::unique_ptr<EventSink> event_sink(bool json);

/// A bar on stderr for what takes long; silent where stderr is no terminal or TERM is dumb. It never asks to stop.
Progress progress_bar(std::string what);

/// A line for people: all that the program says goes through here or through `print_json`, since names of files and
/// classes may hold what a terminal would obey (base/printable.h).
void print_line(std::FILE*, std::string_view text);

/// The one document of a verb, and each event where they are asked for as JSON.
void print_json(const Json&, int indent = 2);

/// A document as lines of text, nested parts indented.
void print_report(const Json&, const std::string& indent = "");

/// Rows of words, columns aligned.
void print_table(std::vector<std::vector<std::string>> rows);

/// Six significant digits, no more: "235.751".
std::string number(double);

/// Writes a PNG that says what it is.
void save_png(const std::filesystem::path&, const Image&, const std::map<std::string, std::string>& text);

}  // namespace figment::cli
