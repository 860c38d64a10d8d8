// The index of a shard as a file, and where it is kept. Tested by shard_index_test.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/base/machine.h"
#include "figment/config/json.h"
#include "figment/data/shard_index.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

constexpr int64_t kVersion = 1;  // of the file, and of what is taken for a sample
constexpr int64_t kPlaces = 2, kFacts = 5;
constexpr const char *kAbout = "about", *kHash = "hash";  // in the file's metadata

Json about(const ShardIndex& index) {
  Json skipped = Json::array(), others = Json::object();
  for (const auto& [key, reason] : index.skipped) skipped.push_back({key, reason});
  for (const auto& [ending, count] : index.others) others[ending] = count;
  return {{"version", kVersion}, {"bytes", index.bytes}, {"modified", index.modified},
          {"hash", index.hash},  {"modes", index.modes}, {"skipped", skipped},
          {"others", others}};
}

/// Takes values out of what may be anything.
class Checked {
 public:
  explicit Checked(std::string_view where) : where_(where) {}

  void expect(bool holds, std::string_view what) const {
    if (!holds) throw DataError(fmt::format("{}: is no index of a shard, or was damaged: {}", where_, what));
  }
  int64_t number(const Json& json, const char* name) const {
    const auto number = integer_of(json);
    expect(number.has_value(), fmt::format("'{}' must be a whole number", name));
    return *number;
  }
  std::string text(const Json& json, const char* name) const {
    expect(json.is_string(), fmt::format("'{}' must be text", name));
    return json.get<std::string>();
  }
  at::Tensor tensor(const TensorFile& file, const char* name, at::ScalarType type, int64_t columns) const {
    const auto found = file.tensors.find(name);
    expect(found != file.tensors.end(), fmt::format("there is no '{}'", name));
    const at::Tensor& t = found->second;
    expect(t.scalar_type() == type && t.dim() == 2 && t.size(1) == columns,
           fmt::format("'{}' must have {} columns", name, columns));
    return t.contiguous();
  }

 private:
  std::string_view where_;
};

void set_about(ShardIndex& index, const Json& json, const Checked& checked) {
  checked.expect(json.is_object() && checked.number(find(json, {"version"}), "version") == kVersion,
                 "another version of figment wrote it");
  index.bytes = checked.number(find(json, {"bytes"}), "bytes");
  index.modified = checked.number(find(json, {"modified"}), "modified");
  index.hash = checked.text(find(json, {"hash"}), "hash");
  for (const Json& mode : find(json, {"modes"})) index.modes.push_back(checked.text(mode, "modes"));
  for (const Json& entry : find(json, {"skipped"})) {
    checked.expect(entry.is_array() && entry.size() == 2, "'skipped' must hold pairs");
    index.skipped.push_back({checked.text(entry[0], "skipped"), checked.text(entry[1], "skipped")});
  }
  const Json& others = find(json, {"others"});
  checked.expect(others.is_object(), "'others' must be a table");
  for (const auto& [ending, count] : others.items()) index.others[ending] = checked.number(count, "others");
}

void set_samples(ShardIndex& index, const TensorFile& file, const Checked& checked) {
  const at::Tensor places = checked.tensor(file, "places", at::kLong, kPlaces),
                   facts = checked.tensor(file, "facts", at::kInt, kFacts),
                   keys = checked.tensor(file, "keys", at::kByte, 1);
  checked.expect(places.size(0) == facts.size(0), "'places' and 'facts' must have equally many rows");
  index.keys.assign(reinterpret_cast<const char*>(keys.const_data_ptr<uint8_t>()), size_t(keys.size(0)));
  const auto* place = places.const_data_ptr<int64_t>();
  const auto* fact = facts.const_data_ptr<int32_t>();
  int64_t key_begin = 0;
  for (int64_t i = 0; i < places.size(0); ++i, place += kPlaces, fact += kFacts) {
    const ShardSample s{.offset = place[0],
                        .key_end = place[1],
                        .length = fact[0],
                        .label = fact[1],
                        .width = fact[2],
                        .height = fact[3],
                        .mode = fact[4]};
    checked.expect(s.offset >= 0 && s.length >= 0 && s.offset <= index.bytes - s.length, "a sample lies outside");
    checked.expect(s.key_end >= key_begin && s.key_end <= int64_t(index.keys.size()), "a key lies outside");
    checked.expect(s.label >= -1 && s.label < kMostClasses, "a class is out of range");
    checked.expect(s.width >= 1 && s.height >= 1 && int64_t(s.width) * s.height <= kMostPixels,
                   "a picture has no size");
    checked.expect(s.mode >= 0 && s.mode < int64_t(index.modes.size()), "a picture has no mode");
    key_begin = s.key_end;
    index.samples.push_back(s);
  }
}

/// Where the index of a shard is kept; empty where there is no folder of caches.
fs::path file_of_index(const fs::path& shard) {
  const fs::path folder = cache_folder();
  return folder.empty() ? folder : folder / "shards" / (hash_of(fs::canonical(shard).string()) + ".safetensors");
}

std::optional<ShardIndex> kept_index(const fs::path& file, const InputFile& shard) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  ShardIndex kept = index_from_file(load_safetensors(file), file.string());
  return kept.is_of(shard) ? std::optional(std::move(kept)) : std::nullopt;
}

void keep(const fs::path& file, const ShardIndex& index) {
  if (file.empty()) throw FileError("neither XDG_CACHE_HOME nor HOME names a folder");
  make_folder(file.parent_path());
  write_file(file, to_file(index));
}

}  // namespace

std::string to_file(const ShardIndex& index) {
  const auto count = int64_t(index.samples.size());
  at::Tensor places = at::empty({count, kPlaces}, at::kLong), facts = at::empty({count, kFacts}, at::kInt),
             keys = at::empty({int64_t(index.keys.size()), 1}, at::kByte);
  auto* place = places.data_ptr<int64_t>();
  auto* fact = facts.data_ptr<int32_t>();
  for (const ShardSample& s : index.samples) {
    *place++ = s.offset, *place++ = s.key_end;
    *fact++ = s.length, *fact++ = s.label, *fact++ = s.width, *fact++ = s.height, *fact++ = s.mode;
  }
  std::ranges::copy(index.keys, reinterpret_cast<char*>(keys.data_ptr<uint8_t>()));
  TensorFile file{.tensors = {{"places", places}, {"facts", facts}, {"keys", keys}},
                  .metadata = {{kAbout, json_text(about(index))}}};
  file.metadata[kHash] = hash_of_content(file);
  return to_safetensors(file.tensors, file.metadata);
}

std::string hash_of_content(const TensorFile& file) {
  Hash hash;
  for (const auto& [name, tensor] : file.tensors) {
    const at::Tensor whole = tensor.contiguous();
    hash.add(name).add(whole.const_data_ptr(), whole.nbytes());
  }
  if (const auto found = file.metadata.find(kAbout); found != file.metadata.end()) hash.add(found->second);
  return hash.hex();
}

ShardIndex index_from_file(const TensorFile& file, std::string_view where) {
  const Checked checked(where);
  const auto hash = file.metadata.find(kHash), described = file.metadata.find(kAbout);
  checked.expect(described != file.metadata.end(), "it does not say of what");
  checked.expect(hash != file.metadata.end() && hash->second == hash_of_content(file),
                 "its hash is not that of what it holds");
  ShardIndex index;
  set_about(index, parse_json(described->second, where), checked);
  set_samples(index, file, checked);
  return index;
}

ShardIndex index_of(const fs::path& path, std::string& note) {
  InputFile shard(path, std::numeric_limits<int64_t>::max());  // it is never held whole
  const fs::path file = file_of_index(path);
  try {
    if (auto kept = kept_index(file, shard)) return std::move(*kept);
  } catch (const Error& error) {
    note = fmt::format("a kept index cannot be used and is made anew ({})", error.what());
  }
  ShardIndex made = made_index([&](char* to, size_t count) {
    expect_no_stop_signal();
    return shard.read(to, count);
  });
  made.modified = shard.modified();
  try {
    keep(file, made);
  } catch (const Error& error) {
    note = fmt::format("the index of shards cannot be kept, so that each opening reads them whole ({})", error.what());
  }
  return made;
}

}  // namespace figment
