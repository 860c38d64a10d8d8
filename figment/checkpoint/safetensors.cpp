#include "figment/checkpoint/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "figment/base/error.h"
#include "figment/base/input_file.h"
#include "figment/base/text.h"

namespace figment {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are stored little-endian");

constexpr uint64_t kLengthBytes = 8, kMostHeaderBytes = 100'000'000;
constexpr int64_t kMostFileBytes = int64_t(1) << 36;
constexpr size_t kMostDimensions = 64;  // what the engine's iterators take

struct Type {
  std::string_view name;
  at::ScalarType type;
};
// In the order in which tensors stand in a file: larger elements first. Among equals, the Python package's order.
constexpr Type kTypes[] = {{"I64", at::kLong},      {"F64", at::kDouble}, {"F32", at::kFloat}, {"I32", at::kInt},
                           {"BF16", at::kBFloat16}, {"F16", at::kHalf},   {"I16", at::kShort}, {"I8", at::kChar},
                           {"U8", at::kByte},       {"BOOL", at::kBool}};

std::string extents(at::IntArrayRef shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

// ---- the header ----

/// Where one tensor lies, counted from the end of the header.
struct Place {
  std::string name;
  at::ScalarType type = at::kFloat;
  std::vector<int64_t> shape = {};
  uint64_t begin = 0, end = 0;
};

struct Header {
  std::vector<Place> places = {};  // in the order of the data
  std::map<std::string, std::string> metadata = {};
};

/// Every sentence about a damaged file begins with its name.
struct Reader {
  std::string_view file;
  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> sentence, Args&&... args) const {
    throw CheckpointError(fmt::format("{}: {}", file, fmt::format(sentence, std::forward<Args>(args)...)));
  }

  uint64_t header_bytes(const char* length, uint64_t file_bytes) const;
  Header header(std::string_view text, uint64_t data_bytes) const;

 private:
  nlohmann::json parsed(std::string_view text) const;
  Place place(const std::string& name, const nlohmann::json& entry) const;
  uint64_t bytes_of(const Place&) const;
};

uint64_t Reader::header_bytes(const char* length, uint64_t file_bytes) const {
  if (file_bytes < kLengthBytes) fail("is no safetensors file, it has {} bytes", file_bytes);
  uint64_t count = 0;
  std::memcpy(&count, length, kLengthBytes);
  if (count > kMostHeaderBytes) fail("says its header has {} bytes; at most {} are read", count, kMostHeaderBytes);
  if (count > file_bytes - kLengthBytes)
    fail("says its header has {} bytes, holds {} of them; it is truncated or no safetensors file", count,
         file_bytes - kLengthBytes);
  return count;
}

/// The JSON parser keeps the last of two equal keys and takes any depth; here both are errors.
nlohmann::json Reader::parsed(std::string_view text) const {
  using Event = nlohmann::json::parse_event_t;
  if (text.empty() || text.front() != '{') fail("has a header that does not begin with '{{'");
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, Event event, nlohmann::json& value) {
    if (depth > 3) fail("has a header nested deeper than the format");
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(value.get<std::string>()).second)
      fail("has '{}' twice in its header", value.get<std::string>());
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), check);
  } catch (const nlohmann::json::parse_error& error) {
    fail("has a header that is no JSON, at byte {} of it", error.byte);
  } catch (const nlohmann::json::exception&) { fail("has a header with a number that cannot be read"); }
}

Place Reader::place(const std::string& name, const nlohmann::json& entry) const {
  const auto whole_numbers = [&](const char* key) {
    const auto found = entry.find(key);
    if (found == entry.end() || !found->is_array()) fail("'{}' has no list '{}'", name, key);
    std::vector<int64_t> numbers;
    for (const auto& number : *found) {
      if (!number.is_number_unsigned() || number.get<uint64_t>() > uint64_t(INT64_MAX))
        fail("'{}' has a number in '{}' that is no count: {}", name, key, number.dump(-1, ' ', true));
      numbers.push_back(number.get<int64_t>());
    }
    return numbers;
  };
  if (!entry.is_object()) fail("'{}' is described by no object", name);
  if (entry.size() != 3 || !entry.contains("dtype") || !entry["dtype"].is_string())
    fail("'{}' must have dtype, shape and data_offsets and nothing else", name);
  const auto word = entry["dtype"].get<std::string>();
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const Type& t) { return t.name == word; });
  if (type == std::end(kTypes)) fail("'{}' has the type '{}', which figment does not read", name, word);
  const auto offsets = whole_numbers("data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1]) fail("'{}' has data_offsets that are no range", name);
  return {name, type->type, whole_numbers("shape"), uint64_t(offsets[0]), uint64_t(offsets[1])};
}

uint64_t Reader::bytes_of(const Place& place) const {
  if (place.shape.size() > kMostDimensions)
    fail("'{}' has {} dimensions; at most {} are read", place.name, place.shape.size(), kMostDimensions);
  // An extent of 0 empties the tensor, yet the engine's strides are products of the others: they must fit as well.
  uint64_t bytes = c10::elementSize(place.type);
  bool empty = false;
  for (const int64_t extent : place.shape) {
    empty |= extent == 0;
    if (extent > 0 && __builtin_mul_overflow(bytes, uint64_t(extent), &bytes)) bytes = UINT64_MAX;
    if (bytes > uint64_t(INT64_MAX)) fail("'{}' has an absurd shape, {}", place.name, extents(place.shape));
  }
  return empty ? 0 : bytes;
}

Header Reader::header(std::string_view text, uint64_t data_bytes) const {
  const nlohmann::json json = parsed(text);
  Header header;
  for (const auto& [name, entry] : json.items()) {
    if (name != "__metadata__") {
      header.places.push_back(place(name, entry));
      continue;
    }
    if (!entry.is_object()) fail("has '__metadata__' that is no object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) fail("has '__metadata__' whose '{}' is no string", key);
      header.metadata[key] = value.get<std::string>();
    }
  }
  const auto order = [](const Place& a, const Place& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  };
  std::sort(header.places.begin(), header.places.end(), order);
  uint64_t covered = 0;
  for (const Place& p : header.places) {
    const uint64_t bytes = bytes_of(p);
    if (bytes != p.end - p.begin)
      fail("'{}' says {} {}, {} bytes, but lies on {} of them", p.name, c10::toString(p.type), extents(p.shape), bytes,
           p.end - p.begin);
    if (p.begin < covered) fail("'{}' overlaps the tensor before it", p.name);
    if (p.begin > covered) fail("has {} bytes before '{}' that belong to no tensor", p.begin - covered, p.name);
    if (p.end > data_bytes)
      fail("'{}' ends at byte {} of the data, {} bytes are there; it is truncated", p.name, p.end, data_bytes);
    covered = p.end;
  }
  if (covered != data_bytes) fail("has {} bytes at its end that belong to no tensor", data_bytes - covered);
  return header;
}

/// `read(to, count)` gives the next bytes of the data.
template <class Read>
TensorFile filled(Header header, const Reader& reader, Read&& read) {
  TensorFile file{.metadata = std::move(header.metadata)};
  for (const Place& p : header.places) {
    at::Tensor tensor = at::empty(p.shape, p.type);
    const size_t count = size_t(p.end - p.begin);
    if (count) read(static_cast<char*>(tensor.data_ptr()), count);
    const auto* bytes = static_cast<const uint8_t*>(tensor.data_ptr());
    if (p.type == at::kBool && std::any_of(bytes, bytes + count, [](uint8_t b) { return b > 1; }))
      reader.fail("'{}' says BOOL and holds bytes that are neither 0 nor 1", p.name);
    file.tensors.emplace(p.name, std::move(tensor));
  }
  return file;
}

}  // namespace

// ---- reading and writing ----

TensorFile from_safetensors(std::string_view bytes, std::string_view name) {
  const Reader reader{name};
  const uint64_t count = reader.header_bytes(bytes.data(), bytes.size());
  std::string_view data = bytes.substr(kLengthBytes + count);
  return filled(reader.header(bytes.substr(kLengthBytes, count), data.size()), reader, [&](char* to, size_t size) {
    std::memcpy(to, data.data(), size);
    data.remove_prefix(size);
  });
}

TensorFile load_safetensors(const std::filesystem::path& path) {
  InputFile in(path, kMostFileBytes);
  const std::string name = path.string();
  const Reader reader{name};
  const auto read = [&](char* to, size_t size) {
    while (size > 0) {
      const size_t got = in.read(to, size);
      if (got == 0) reader.fail("ended while it was read");
      to += got, size -= got;
    }
  };
  const auto file_bytes = uint64_t(in.size());
  char length[kLengthBytes] = {};
  if (file_bytes >= kLengthBytes) read(length, kLengthBytes);
  std::string text(reader.header_bytes(length, file_bytes), '\0');
  read(text.data(), text.size());
  return filled(reader.header(text, file_bytes - kLengthBytes - text.size()), reader, read);
}

std::string to_safetensors(const TensorMap& tensors, const std::map<std::string, std::string>& metadata) {
  struct Item {
    const Type* type;
    const std::string* name;
    at::Tensor tensor;
  };
  std::vector<Item> items;
  for (const auto& [name, tensor] : tensors) {
    const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                    [&](const Type& t) { return tensor.defined() && t.type == tensor.scalar_type(); });
    if (type == std::end(kTypes) || tensor.layout() != at::kStrided || name == "__metadata__")
      throw CheckpointError(fmt::format("'{}' cannot be written as safetensors: {}", name,
                                        tensor.defined() ? tensor.toString() : "it is undefined"));
    items.push_back({type, &name, tensor.detach()});
  }
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.type < b.type; });
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  size_t end = 0;
  for (const Item& item : items) {
    const size_t begin = end;
    end += item.tensor.nbytes();
    header[*item.name] = {
        {"dtype", item.type->name}, {"shape", item.tensor.sizes().vec()}, {"data_offsets", {begin, end}}};
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::type_error&) {
    throw CheckpointError("names and metadata of safetensors must be UTF-8");
  }
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  const uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), kLengthBytes);
  bytes.reserve(kLengthBytes + text.size() + end);
  bytes += text;
  for (const Item& item : items) {
    const at::Tensor whole = item.tensor.cpu().contiguous();
    if (whole.nbytes()) bytes.append(static_cast<const char*>(whole.data_ptr()), whole.nbytes());
  }
  return bytes;
}

}  // namespace figment
