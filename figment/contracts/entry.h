// What the catalog of models holds of each.
#pragma once
#include <map>
#include <memory>

#include "figment/base/error.h"
#include "figment/config/table.h"
#include "figment/contracts/capabilities.h"
#include "figment/contracts/model.h"

namespace figment {

/// A sentence for the user when a metric of training stays outside its bounds: "posterior collapse: …".
struct Alarm {
  std::string_view metric;
  Range healthy = {};
  int64_t patience_images = 0;  ///< how long it may stay outside, counted after the first so many images
  std::string_view sentence;
};

/// Frozen networks that a model may use without owning them (an image-text encoder in its loss): they are in eval mode
/// and in none of its groups, checkpoints or averages. The run keeps them, and their hashes, in its own folder. They
/// outlive the model.
class Helpers {
 public:
  void add(std::string role, Model& model) { models_[std::move(role)] = &model; }
  bool contains(std::string_view role) const { return models_.find(role) != models_.end(); }
  /// The model in this role as what it can do. Throws ConfigError where the role is empty, or its model lacks the
  /// capability.
  template <class C>
  C& get(std::string_view role) const {
    const auto found = models_.find(role);
    auto* able = found == models_.end() ? nullptr : dynamic_cast<C*>(found->second);
    if (!able)
      throw ConfigError("parents." + std::string(role) + ": " +
                        (found == models_.end() ? "is missing; name a run in [parents]"
                                                : "the run's model cannot do what this model needs; name another"));
    return *able;
  }

 private:
  std::map<std::string, Model*, std::less<>> models_;
};

struct Entry {
  std::vector<std::string_view> models = {"pixels"};  ///< what x may hold, any of "pixels", "codes" and "points"
  std::vector<std::string_view> needs = {};           ///< kinds of condition that the data must have
  std::vector<std::string_view> helpers = {};         ///< roles of the helpers that its constructor asks for
  std::vector<Alarm> alarms = {};
  std::unique_ptr<Model> (*make)(const Table& settings, const DataSpec&, const Helpers&) = nullptr;
};

/// M is built from its settings, the data and, where its constructor takes them, the helpers. What data it takes is
/// checked before.
template <class M>
Entry entry_of(Entry entry) {
  entry.make = [](const Table& settings, const DataSpec& spec, const Helpers& helpers) -> std::unique_ptr<Model> {
    if constexpr (std::is_constructible_v<M, typename M::Config, const DataSpec&, const Helpers&>)
      return std::make_unique<M>(read<typename M::Config>(settings), spec, helpers);
    else
      return std::make_unique<M>(read<typename M::Config>(settings), spec);
  };
  return entry;
}

/// Throws DataError, in one sentence, where the data is not what the model takes: other contents, or a kind of
/// condition that is missing. `model` and `source` are their names.
void expect_takes(const Entry&, const DataSpec&, std::string_view model, std::string_view source);

}  // namespace figment
