// What the data is, free of the engine. The data set states it, the run stores it (data.json), the model's factory
// receives it: nobody can contradict the data.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "figment/config/field.h"
#include "figment/config/json.h"

namespace figment {

struct PixelSpec {
  int64_t channels = 1, height = 0, width = 0, levels = 256;
  static constexpr auto schema() {
    return fields(field<&PixelSpec::channels>("1 grey, 3 colour", {1, 4}),
                  field<&PixelSpec::height>("pixels", {1, 65536}), field<&PixelSpec::width>("pixels", {1, 65536}),
                  field<&PixelSpec::levels>("values a sub-pixel can take", {2, 65536}));
  }
  int64_t dimensions() const { return channels * height * width; }
};
static_assert(complete<PixelSpec>());

struct CodeSpec {
  int64_t num_codes = 0, height = 0, width = 0;
  static constexpr auto schema() {
    return fields(field<&CodeSpec::num_codes>("codebook size K", {1, 65536}),
                  field<&CodeSpec::height>("codes", {1, 65536}), field<&CodeSpec::width>("codes", {1, 65536}));
  }
};
static_assert(complete<CodeSpec>());

/// Points of the plane or of a space: toys, whose truth is known.
struct PointSpec {
  int64_t numbers = 2;
  static constexpr auto schema() { return fields(field<&PointSpec::numbers>("coordinates of a point", {1, 65536})); }
};
static_assert(complete<PointSpec>());

/// A named attribute of each example that takes one of a list of values.
struct LabelSpec {
  std::string name = "class";
  std::vector<std::string> names = {};
  static constexpr auto schema() {
    return fields(field<&LabelSpec::name>("name of the attribute"),
                  field<&LabelSpec::names>("names of its values, in the order of their numbers"));
  }
};
static_assert(complete<LabelSpec>());

struct TextSpec {
  std::vector<std::string> vocabulary = {}, merges = {};
  int64_t max_tokens = 0;
  static constexpr auto schema() {
    return fields(field<&TextSpec::vocabulary>("words or parts of words, in the order of their numbers"),
                  field<&TextSpec::merges>("pairs of parts that become one, the first pair first; none: whole words"),
                  field<&TextSpec::max_tokens>("longest text", {0, 65536}));
  }
};
static_assert(complete<TextSpec>());

struct AudioSpec {
  int64_t sample_rate = 0, window = 0, hop = 0, mels = 0, max_frames = 0;
  static constexpr auto schema() {
    return fields(field<&AudioSpec::sample_rate>("samples a second", {0, 1e6}),
                  field<&AudioSpec::window>("samples of a frame", {0, 1e6}),
                  field<&AudioSpec::hop>("samples between frames", {0, 1e6}),
                  field<&AudioSpec::mels>("bands", {0, 4096}),
                  field<&AudioSpec::max_frames>("longest sound", {0, 1e6}));
  }
};
static_assert(complete<AudioSpec>());

struct LayoutSpec {
  std::vector<std::string> names = {};
  int64_t max_objects = 0;
  static constexpr auto schema() {
    return fields(field<&LayoutSpec::names>("object classes, in the order of their numbers"),
                  field<&LayoutSpec::max_objects>("most objects of an image", {0, 65536}));
  }
};
static_assert(complete<LayoutSpec>());

struct EmbeddingSpec {
  int64_t size = 0, max_tokens = 0;
  static constexpr auto schema() {
    return fields(field<&EmbeddingSpec::size>("numbers of a vector", {0, 1e6}),
                  field<&EmbeddingSpec::max_tokens>("most vectors of an example; 0: one for the whole", {0, 65536}));
  }
};
static_assert(complete<EmbeddingSpec>());

/// A kind that figment carries without knowing what it means: one of a product's own data set, or facts about each
/// example that a metric asks for by name. It goes wherever the other kinds go.
struct OtherSpec {
  std::vector<std::string> tensors = {};
  static constexpr auto schema() { return fields(field<&OtherSpec::tensors>("names of its tensors, examples first")); }
};
static_assert(complete<OtherSpec>());

/// Any subset may be present. Example: the prior of fine codes is conditioned on coarser codes and a label. Mirrors
/// Condition in batch.h.
struct ConditionSpec {
  std::vector<LabelSpec> labels = {};  ///< the first is the class: what a classifier learns
  std::optional<TextSpec> text = {};
  std::optional<PixelSpec> image = {};
  std::optional<AudioSpec> audio = {};
  std::optional<LayoutSpec> layout = {};
  std::optional<EmbeddingSpec> embedding = {};
  std::vector<CodeSpec> codes = {};  ///< coarser grids, coarsest first
  std::map<std::string, OtherSpec> others = {};

  /// The class, null where the data has none.
  const LabelSpec* label() const { return labels.empty() ? nullptr : &labels.front(); }
  /// Names of the kinds that are there: {"labels", "codes"}; of others their own.
  std::vector<std::string> kinds() const;
};

/// Everything of `a`, and the kinds that `b` has and `a` has not. Of labels the longer list; codes stay those of `a`.
ConditionSpec joined(ConditionSpec a, const ConditionSpec& b);

struct DataSpec {
  std::variant<PixelSpec, CodeSpec, PointSpec> x = PixelSpec{};
  ConditionSpec condition = {};
};

/// "pixels", "codes" or "points".
std::string_view held_by(const DataSpec&);

/// Throws DataError: "this model needs pixels; the data holds codes".
const PixelSpec& pixels(const DataSpec&);

Json to_json(const DataSpec&);
/// Throws ConfigError; `where` begins the sentence.
DataSpec data_spec_from_json(const Json&, std::string_view where);

}  // namespace figment
