// What the catalog of models holds of each.
#pragma once
#include <memory>

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

struct Entry {
  std::vector<std::string_view> needs =
      {};  ///< kinds of condition the data must have, checked before anything is built
  std::vector<Alarm> alarms = {};
  std::unique_ptr<Model> (*make)(const Table& settings, const DataSpec&) = nullptr;
};

template <class M>
Entry entry_of(Entry entry) {
  entry.make = [](const Table& settings, const DataSpec& spec) -> std::unique_ptr<Model> {
    return std::make_unique<M>(read<typename M::Config>(settings), spec);
  };
  return entry;
}

}  // namespace figment
