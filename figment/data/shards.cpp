// Tested by shard_set_test.cpp.
#include "figment/data/shards.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/data/found_images.h"
#include "figment/data/parallel.h"
#include "figment/data/picture_facts.h"
#include "figment/data/random.h"

namespace figment {
namespace fs = std::filesystem;

Shards::Shards(const std::vector<fs::path>& paths, const Progress& go_on) : shards_(paths.size()) {
  const bool in_one_folder =
      std::ranges::all_of(paths, [&](const fs::path& path) { return path.parent_path() == paths[0].parent_path(); });
  std::vector<std::string> notes(paths.size());
  in_parallel(
      int64_t(paths.size()),
      [&](int64_t i) {
        const fs::path& path = paths[size_t(i)];
        shards_[size_t(i)] = {.path = path,
                              .name = readable_name(in_one_folder ? path.filename() : path),
                              .index = index_of(path, notes[size_t(i)])};
      },
      go_on);
  for (const Shard& shard : shards_) {
    begins_.push_back(begins_.back() + int64_t(shard.index.samples.size()));
    for (const auto& [key, reason] : shard.index.skipped) {
      skipped_.push_back({.key = key, .file = {key.empty() ? shard.name : shard.name + "/" + key, reason}});
      if (key.empty())
        notes_.push_back(fmt::format("{}: {}; {} before that {} used", shard.name, reason,
                                     counted(int64_t(shard.index.samples.size()), "image"),
                                     is_or_are(int64_t(shard.index.samples.size()))));
    }
  }
  say_others();
  for (const std::string& note : std::set<std::string>(notes.begin(), notes.end()))
    if (!note.empty()) notes_.push_back(note);
}

void Shards::say_others() {
  constexpr size_t kNamed = 5;
  std::map<std::string, int64_t> others;
  int64_t all = 0;
  for (const Shard& shard : shards_)
    for (const auto& [ending, count] : shard.index.others) others[ending] += count, all += count;
  if (others.empty()) return;
  std::vector<std::string> kinds;
  for (const auto& [ending, count] : most_frequent(others))
    kinds.push_back(fmt::format("{} {}", with_commas(count), readable_name(ending)));
  if (kinds.size() > kNamed) kinds.resize(kNamed), kinds.emplace_back("…");
  notes_.push_back(fmt::format(
      "{} of the archives ignored ({}): of a sample figment reads the first picture whose name has one dot, and .cls",
      counted(all, "file"), fmt::join(kinds, ", ")));
}

std::pair<const Shards::Shard&, size_t> Shards::place(int64_t row) const {
  const auto shard = std::ranges::upper_bound(begins_, row) - begins_.begin() - 1;
  return {shards_[size_t(shard)], size_t(row - begins_[size_t(shard)])};
}

const ShardSample& Shards::sample(int64_t row) const {
  const auto [shard, i] = place(row);
  return shard.index.samples[i];
}

std::string_view Shards::key(int64_t row) const {
  const auto [shard, i] = place(row);
  return shard.index.key(i);
}

std::string_view Shards::mode(int64_t row) const {
  const auto [shard, i] = place(row);
  return shard.index.modes[size_t(shard.index.samples[i].mode)];
}

std::string Shards::name(int64_t row) const {
  const auto [shard, i] = place(row);
  return shard.name + "/" + readable_name(shard.index.key(i));
}

std::string Shards::hash(int64_t row) const {
  const auto [shard, i] = place(row);
  return fmt::format("{} {} {}", shard.index.hash, shard.index.samples[i].offset, shard.index.samples[i].length);
}

std::string Shards::bytes(int64_t row) const {
  const auto [shard, i] = place(row);
  const ShardSample& sample = shard.index.samples[i];
  const InputFile file(shard.path, std::numeric_limits<int64_t>::max());  // of which one picture is read
  std::string bytes(size_t(sample.length), '\0');
  if (shard.index.is_of(file)) foresee(file, shard, sample.offset);
  if (!shard.index.is_of(file) || file.read_at(sample.offset, bytes.data(), bytes.size()) < bytes.size())
    throw DataError(
        fmt::format("{}: the shard has changed since it was opened; begin anew, so that its index is made anew",
                    readable_name(shard.path)));
  return bytes;
}

void Shards::foresee(const InputFile& file, const Shard& shard, int64_t offset) const {
  constexpr size_t kRemembered = 4 * kRunsMixed;  // more than are mixed, since runs do not end where parts do
  const std::pair part(&shard, offset / kBytesTogether);
  {
    const std::lock_guard lock(mutex_);
    if (std::ranges::find(foreseen_, part) != foreseen_.end()) return;
    if (foreseen_.size() < kRemembered)
      foreseen_.push_back(part);
    else
      foreseen_[next_foreseen_++ % kRemembered] = part;
  }
  const int64_t begin = part.second * kBytesTogether;
  file.will_read(begin, std::min(kBytesTogether, file.size() - begin));
}

}  // namespace figment
