#include "figment/records/checkpoint_note.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/config/json.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

fs::path file_in(const fs::path& checkpoint) { return checkpoint / "events.json"; }

}  // namespace

void write_note(const fs::path& checkpoint, const CheckpointNote& note) {
  Json json = {{"bytes", note.bytes}, {"seconds", note.seconds}, {"hashes", note.hashes}, {"scored", note.scored}};
  if (note.score) json["score"] = {{"name", note.score->name}, {"value", note.score->value}};
  write_file(file_in(checkpoint), json_text(json));
}

CheckpointNote parse_note(std::string_view text, const std::string& file) {
  const Json json = parse_json(text, file);
  const std::optional<int64_t> bytes = integer_of(find(json, {"bytes"}));
  const Json &seconds = find(json, {"seconds"}), &hashes = find(json, {"hashes"}), &scored = find(json, {"scored"});
  const bool named =
      hashes.is_object() && std::ranges::all_of(hashes, [](const Json& hash) { return hash.is_string(); });
  const bool flagged = scored.is_null() || scored.is_boolean();
  if (!bytes || *bytes < 0 || !seconds.is_number() || seconds < 0 || !named || !flagged)
    throw CheckpointError(fmt::format(
        "{}: must hold bytes and seconds of at least 0, and hashes by the names of files; it "
        "was changed or torn since it was saved, or an older figment saved it: bring back a copy, or train anew",
        file));
  const Json &name = find(json, {"score", "name"}), &value = find(json, {"score", "value"});
  return {.bytes = *bytes,
          .seconds = seconds,
          .hashes = hashes,
          .scored = scored.is_null() || scored.get<bool>(),
          .score = name.is_string() && value.is_number() ? std::optional(ValidationScore{name, value}) : std::nullopt};
}

CheckpointNote read_note(const fs::path& checkpoint) {
  const fs::path file = file_in(checkpoint);
  return parse_note(read_file(file), file.string());
}

bool has_note(const fs::path& checkpoint) { return is_there(file_in(checkpoint)); }

std::string expect_unchanged(const fs::path& file) {
  const CheckpointNote note = read_note(file.parent_path());
  const auto saved = note.hashes.find(file.filename().string());
  std::string hash = hash_of_file(file);
  if (saved == note.hashes.end() || saved->second != hash)
    throw CheckpointError(
        fmt::format("{}: the file is damaged: its hash is not that of the file that was saved; bring back a "
                    "copy, or remove the checkpoint's folder to go on from an earlier one",
                    file.string()));
  return hash;
}

}  // namespace figment
