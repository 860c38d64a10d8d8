// Tested by tests/processes_test.cpp.
#include "figment/training/gloo.h"

#include <c10/util/Logging.h>
#include <fmt/format.h>
#include <torch/torch.h>

#include <chrono>
#include <map>
#include <utility>

#define USE_DISTRIBUTED 1
#define USE_C10D_GLOO 1
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include "figment/base/error.h"
#include "figment/base/machine.h"

namespace figment {
namespace {

/// Process 0 draws previews while the others wait. That one of them died is seen at once, by its connection.
constexpr std::chrono::hours kLongestWait(6);

class GlooWorld final : public World {
 public:
  GlooWorld(const std::filesystem::path& meeting, int rank, int size) {
    const auto options = c10d::ProcessGroupGloo::Options::create(kLongestWait);
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
    try {
      group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::FileStore>(meeting.string(), size),
                                                           rank, size, options);
    } catch (const std::exception& error) { fail(rank, size, error); }
    stop_by_agreement();
  }

  int rank() const override { return group_->getRank(); }
  int size() const override { return group_->getSize(); }

  void sum(const std::vector<at::Tensor>& tensors) override {
    const at::Tensor stops = at::full({1}, own_stop_signal() != 0 ? 1.f : 0.f);
    std::vector<at::Tensor> all = tensors;
    all.push_back(stops);
    each_flat(all, [&](at::Tensor& flat) {
      std::vector<at::Tensor> one{flat};
      group_->allreduce(one)->wait();
    });
    if (stops.item<float>() > 0) agree_to_stop();
  }

  void share(const std::vector<at::Tensor>& tensors) override {
    each_flat(tensors, [&](at::Tensor& flat) {
      std::vector<at::Tensor> one{flat};
      group_->broadcast(one)->wait();
    });
  }

 private:
  [[noreturn]] static void fail(int rank, int size, const std::exception& error) {
    const std::string_view all = error.what();  // the engine adds where in its code it was
    throw RunError(fmt::format("process {} of {} had no answer from another one, which may be gone: {}", rank, size,
                               all.substr(0, all.find('\n'))));
  }

  /// One exchange for all tensors of a type, since each costs a message there and back.
  template <class Exchange>
  void each_flat(const std::vector<at::Tensor>& tensors, const Exchange& exchange) {
    const at::NoGradGuard no_grad;
    std::map<at::ScalarType, std::vector<at::Tensor>> by_type;
    for (const at::Tensor& t : tensors) by_type[t.scalar_type()].push_back(t);
    for (const auto& [type, same] : by_type) {
      std::vector<at::Tensor> parts;
      std::vector<int64_t> lengths;
      for (const at::Tensor& t : same) parts.push_back(t.reshape(-1)), lengths.push_back(t.numel());
      at::Tensor flat = at::cat(parts);
      try {
        exchange(flat);
      } catch (const std::exception& error) { fail(rank(), size(), error); }
      const std::vector<at::Tensor> back = flat.split(lengths);
      for (size_t i = 0; i < same.size(); ++i) same[i].copy_(back[i].view(same[i].sizes()));
    }
  }

  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

}  // namespace

std::unique_ptr<World> join_world(const std::filesystem::path& meeting, int rank, int size) {
  FLAGS_caffe2_log_level = 3;  // what goes wrong becomes an error here; the engine would print it too
  return std::make_unique<GlooWorld>(meeting, rank, size);
}

}  // namespace figment
