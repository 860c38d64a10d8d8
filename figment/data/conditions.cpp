#include "figment/data/conditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/data/conform.h"
#include "figment/media/image.h"
#include "figment/tensor/images.h"

namespace figment {
namespace {

constexpr int64_t kMostCombinations = int64_t(1) << 40;  // nobody draws so many images

/// The number of a value by its name or by the number itself.
int64_t number_of(const std::string& word, const LabelSpec& label) {
  if (const auto named = number_of_name(word, label.names)) return *named;
  const bool digits = !word.empty() && word.size() < 10 && std::ranges::all_of(word, ::isdigit);
  if (digits && std::stoll(word) < int64_t(label.names.size())) return std::stoll(word);
  throw ConfigError(fmt::format("there is no {} '{}'{}", label.name, word,
                                did_you_mean(word, label.names, "known are " + listed(label.names))));
}

Tensor picture(const std::string& file, const PixelSpec& spec, const std::optional<ValueRange>& range) {
  const Decoding decoding{.width = spec.width, .height = spec.height, .range = range};
  const Image image = decode_image(read_file(file), file, decoding);
  return to_tensor(resized_to_cover(with_channels(image, spec.channels), spec.width, spec.height)).unsqueeze(0);
}

void append(Tensor& to, const Tensor& rows) { to = to.defined() ? torch::cat({to, rows}) : rows; }

/// The attribute that a word of the command line names: `class` is the first, whatever the data calls it.
std::optional<size_t> attribute_of(const std::string& word, const ConditionSpec& takes) {
  for (size_t i = 0; i < takes.labels.size(); ++i)
    if (takes.labels[i].name == word) return i;
  if (word == kGivenKinds[0].word && !takes.labels.empty()) return 0;
  return std::nullopt;
}

/// Words that a person can give to a model that takes this.
std::vector<std::string> words_of(const ConditionSpec& takes) {
  std::vector<std::string> words;
  for (const LabelSpec& label : takes.labels) words.push_back(label.name);
  if (takes.image) words.emplace_back("image");
  return words;
}

/// Throws ConfigError where a kind that the model takes is neither given nor in the examples.
void expect_complete(const Condition& condition, const ConditionSpec& takes, const std::string& where) {
  for (const std::string& kind : takes.kinds())
    each_tensor(condition, [&](const std::string& name, const Tensor& t) {
      const bool may_lack = name == "embedding.mask";  // of a vector for the whole
      if (belongs_to(name, kind) && !may_lack && !t.defined())
        throw ConfigError(
            fmt::format("{} takes {} with each image; none is given and the run keeps no examples of it", where, kind));
    });
}

}  // namespace

bool takes_examples(const ConditionSpec& takes) {
  return std::ranges::any_of(takes.kinds(), [](const std::string& kind) { return kind != "labels"; });
}

Conditions::Conditions(const ConditionSpec& takes, const std::vector<Given>& given, const Condition& examples,
                       std::string_view where, const std::optional<ValueRange>& range)
    : takes_(takes), where_(where), given_(places_of(takes)) {
  const Condition kept = chosen(examples, takes);
  each_tensor(kept, [&](const std::string& name, const Tensor& t) {
    if (t.defined() && t.size(0) > 0) examples_[name] = t.cpu();
  });
  for (const auto& [word, value] : given) {
    if (const auto attribute = attribute_of(word, takes)) {
      append(given_.labels[*attribute], torch::tensor({number_of(value, takes.labels[*attribute])}, torch::kLong));
    } else if (word == "image" && takes.image) {
      append(given_.image, picture(value, *takes.image, range));
    } else {
      const std::vector<std::string> words = words_of(takes);
      throw ConfigError(fmt::format("{} takes no {}{}", where, word,
                                    words.empty() ? "" : did_you_mean(word, words, "it takes " + listed(words))));
    }
  }
  each_tensor(given_, [&](const std::string& name, const Tensor& t) {
    labels_in_turn_ = labels_in_turn_ && (name.starts_with("labels.") || t.defined() || !examples_.contains(name));
  });
}

Tensor Conditions::label_in_turn(size_t attribute, int64_t first, int64_t count) const {
  int64_t before = 1;  // combinations of the attributes before this one
  for (size_t i = 0; i < attribute; ++i)
    if (!given_.labels[i].defined() && before <= kMostCombinations) before *= int64_t(takes_.labels[i].names.size());
  return torch::arange(first, first + count).div(before, "floor") % int64_t(takes_.labels[attribute].names.size());
}

Condition Conditions::rows(int64_t first, int64_t count) const {
  const Tensor numbers = torch::arange(first, first + count);
  Condition condition = given_;
  size_t attribute = 0;
  each_tensor(condition, [&](const std::string& name, Tensor& t) {
    const bool label = name.starts_with("labels.");
    if (t.defined())
      t = t.index_select(0, numbers % t.size(0));
    else if (label && (labels_in_turn_ || !examples_.contains(name)))
      t = label_in_turn(attribute, first, count);
    else if (const auto found = examples_.find(name); found != examples_.end())
      t = found->second.index_select(0, numbers % found->second.size(0));
    attribute += label;
  });
  expect_complete(condition, takes_, where_);
  return condition;
}

std::vector<std::string> labels_in_words(const ConditionSpec& spec, const Condition& condition) {
  std::vector<std::string> all;
  for (size_t attribute = 0; attribute < condition.labels.size(); ++attribute) {
    const Tensor numbers = condition.labels[attribute].cpu();
    all.resize(size_t(numbers.size(0)));
    for (int64_t row = 0; row < numbers.size(0); ++row) {
      std::string& words = all[size_t(row)];
      words += (words.empty() ? "" : ", ") + spec.labels.at(attribute).names.at(numbers[row].item<int64_t>());
    }
  }
  return all;
}

}  // namespace figment
