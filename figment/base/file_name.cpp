#include "figment/base/file_name.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/error.h"

namespace figment {
namespace {

constexpr size_t kMostBytes = 100;  // some file systems take 143, and runs have longer names than their models

bool is_control(char c) { return (c >= 0 && c < ' ') || c == 0x7f; }

/// What is wrong with the name; nothing where it is safe.
std::string_view fault_of(std::string_view name) {
  if (name.empty()) return "must not be empty";
  if (name.size() > kMostBytes) return "must have at most 100 bytes";
  if (name.find('/') != std::string_view::npos) return "must not hold a slash, because it would lead to another folder";
  if (std::ranges::any_of(name, is_control)) return "must not hold control characters";
  if (name.front() == '.') return "must not begin with a dot, because '..' is another folder and '.x' is hidden";
  if (name.front() == '-') return "must not begin with a hyphen, because programs would take it for an option";
  return "";
}

}  // namespace

void expect_file_name(std::string_view what, std::string_view name) {
  if (const std::string_view fault = fault_of(name); !fault.empty())
    throw ConfigError(fmt::format("{}: the name of a file or folder {}, got {:?}; choose another name", what, fault,
                                  name.substr(0, kMostBytes)));
}

}  // namespace figment
