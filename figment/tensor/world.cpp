#include "figment/tensor/world.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/machine.h"

namespace figment {
namespace {

std::unique_ptr<World>& present() {
  static std::unique_ptr<World> world = std::make_unique<World>();
  return world;
}

}  // namespace

void World::sum(const std::vector<at::Tensor>& tensors) {
  if (size() == 1) return;
  const at::Tensor stops = at::full({1}, own_stop_signal() != 0 ? 1.f : 0.f);
  std::vector<at::Tensor> all = tensors;
  all.push_back(stops);
  add_up(all);
  if (stops.item<float>() > 0) agree_to_stop();
}

World& world() { return *present(); }

void set_world(std::unique_ptr<World> next) { present() = next ? std::move(next) : std::make_unique<World>(); }

void do_own_part(const std::function<void()>& part) {
  if (world().size() == 1) return part();
  {
    const OwnSignals own;
    try {
      part();
    } catch (const Error&) {
      if (stop_signal() == 0) throw;  // else the others must be told before all stop
    }
  }
  world().sum({});
  expect_no_stop_signal();
}

int64_t from_leader(int64_t number) {
  const at::Tensor of_first = at::full({1}, number, at::kLong);
  world().share({of_first});
  return of_first.item<int64_t>();
}

std::string from_leader(std::string text) {
  text.resize(size_t(from_leader(int64_t(text.size()))));
  if (!text.empty()) world().share({at::from_blob(text.data(), {int64_t(text.size())}, at::kByte)});
  return text;
}

at::Tensor gathered(const at::Tensor& rows) {
  if (world().size() == 1) return rows;
  std::vector<int64_t> extents = rows.sizes().vec();
  extents.insert(extents.begin(), world().size());
  const at::Tensor all = at::zeros(extents, rows.options());
  all[world().rank()].copy_(rows);
  world().sum({all});  // nothing is added to a row but zeros
  return all.flatten(0, 1);
}

}  // namespace figment
