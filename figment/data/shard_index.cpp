#include "figment/data/shard_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "figment/base/error.h"
#include "figment/base/hash.h"
#include "figment/base/text.h"
#include "figment/data/found_images.h"
#include "figment/data/picture_files.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

constexpr int64_t kMostBytesOfClass = 64;
constexpr size_t kLongestKey = 4096, kLongestEnding = 16, kMostEndings = 64;

/// "train/000012" and "seg.png" of "train/000012.seg.png".
struct MemberName {
  std::string_view key, ending;
};
MemberName parts_of(std::string_view name) {
  const size_t slash = name.rfind('/');
  const size_t dot = name.find('.', slash == std::string_view::npos ? 0 : slash + 1);
  if (dot == std::string_view::npos) return {.key = name, .ending = {}};
  return {.key = name.substr(0, dot), .ending = name.substr(dot + 1)};
}

bool is_hidden(std::string_view name) {
  const size_t slash = name.rfind('/');
  return name.substr(slash == std::string_view::npos ? 0 : slash + 1).starts_with('.');
}

bool is_picture(std::string_view ending) {
  return ending.find('.') == std::string_view::npos && has_name_of_picture(fmt::format("x.{}", ending));
}

/// The number in a file `cls`; nothing where it holds none.
std::optional<int32_t> class_number(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
  constexpr size_t kMostDigits = 9;
  if (text.size() > kMostDigits || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const int number = std::stoi(std::string(text));
  return number < kMostClasses ? std::optional(number) : std::nullopt;
}

/// Puts an index together, member by member.
class Builder {
 public:
  explicit Builder(ShardIndex& index) : index_(index) {}

  void add(const TarMember& member, const std::function<std::string()>& content) {
    const auto [key, ending] = parts_of(member.name);
    if (is_hidden(member.name)) return ignore(member);  // macOS puts ._000012.jpg between the files of a sample
    if (!open_ || key_ != key) begin_sample(key);
    if (!member.is_file)
      ignore(member);
    else if (ending == "cls")
      take_class(member, content);
    else if (is_picture(ending) && !has_picture_)
      take_picture(member, content);
    else
      ignore(member);
  }

  void end_sample() {
    if (!open_) return;
    open_ = false;
    if (!has_picture_) fault_ = "has no picture";
    if (key_.size() > kLongestKey) fault_ = fmt::format("its key has more than {} bytes", with_commas(kLongestKey));
    if (!fault_.empty()) {
      index_.skipped.push_back({readable_name(key_.substr(0, kLongestKey)), fault_});
      return;
    }
    index_.keys += key_;
    sample_.key_end = int64_t(index_.keys.size());
    index_.samples.push_back(sample_);
  }

  void drop_sample() { open_ = false; }

 private:
  void begin_sample(std::string_view key) {
    end_sample();
    open_ = true, has_picture_ = false;
    key_ = key, fault_.clear(), sample_ = {};
  }

  void ignore(const TarMember& member) {
    std::string ending = in_small_letters(fs::path(member.name).extension().string());
    if (!member.is_file) ending = "no file";
    if (ending.empty()) ending = "no ending";
    if (!index_.others.contains(ending) && (ending.size() > kLongestEnding || index_.others.size() >= kMostEndings))
      ending = "others";
    ++index_.others[ending];
  }

  void take_class(const TarMember& member, const std::function<std::string()>& content) {
    const std::string text = member.size > kMostBytesOfClass ? "" : content();
    if (const auto number = class_number(text))
      sample_.label = *number;
    else if (fault_.empty())
      fault_ = fmt::format("its .cls must hold a class, a number from 0 to {}, got {}", with_commas(kMostClasses - 1),
                           member.size > kMostBytesOfClass ? counted(member.size, "byte") : "'" + text + "'");
  }

  void take_picture(const TarMember& member, const std::function<std::string()>& content) {
    has_picture_ = true;
    const ExampleFiles example = {{.file = {.name = readable_name(member.name)}}};
    auto failure = failure_of(example, [&] { expect_size_of_picture(member.size, example[0].file.name); });
    if (!failure) {
      const std::string bytes = content();  // what this throws is no fault of the picture
      failure = failure_of(example, [&] {
        ExampleFacts facts;
        // As small as a JPEG can be decoded: its bytes are all read then too.
        decode_example(example, [&](const ImageFile&) { return bytes; }, {{.height = 1, .width = 1}}, &facts);
        set_facts(member, facts.infos.front());
      });
    }
    if (failure) fault_ = failure->reason;
  }

  void set_facts(const TarMember& member, const ImageInfo& info) {
    const std::string mode = mode_of(info);
    const auto found = std::ranges::find(index_.modes, mode);
    sample_.mode = int32_t(found - index_.modes.begin());
    if (found == index_.modes.end()) index_.modes.push_back(mode);
    sample_.offset = member.offset;
    sample_.length = int32_t(member.size);
    sample_.width = int32_t(info.width);
    sample_.height = int32_t(info.height);
  }

  ShardIndex& index_;
  bool open_ = false, has_picture_ = false;
  std::string key_ = {}, fault_ = {};  // of the sample that is open
  ShardSample sample_ = {};
};

}  // namespace

std::string_view ShardIndex::key(size_t sample) const {
  const auto begin = size_t(sample == 0 ? 0 : samples[sample - 1].key_end);
  return std::string_view(keys).substr(begin, size_t(samples[sample].key_end) - begin);
}

ShardIndex made_index(const NextBytes& next) {
  ShardIndex index;
  Hash hash;
  const NextBytes counting = [&](char* to, size_t count) {
    const size_t got = next(to, count);
    hash.add(to, got);
    index.bytes += int64_t(got);
    return got;
  };
  Builder builder(index);
  constexpr std::string_view kWhere = "shard";
  try {
    each_tar_member(counting, kWhere, [&](const TarMember& member, const std::function<std::string()>& content) {
      builder.add(member, content);
    });
  } catch (const DataError& error) {
    builder.drop_sample();
    index.skipped.push_back({"", std::string(error.what()).substr(kWhere.size() + 2)});
    std::string rest(size_t(1) << 18, '\0');
    while (counting(rest.data(), rest.size()) > 0) continue;
  }
  builder.end_sample();
  index.hash = hash.hex();
  return index;
}

}  // namespace figment
