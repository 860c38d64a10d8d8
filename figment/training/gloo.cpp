// Tested by tests/machines_test.cpp.
#include "figment/training/gloo.h"

#include <c10/util/Logging.h>
#include <fmt/format.h>
#include <net/if.h>
#include <torch/torch.h>

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#define USE_DISTRIBUTED 1
#define USE_C10D_GLOO 1
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/training/route.h"

namespace figment {
namespace {

using c10d::ProcessGroupGloo;
using Listener = std::shared_ptr<::gloo::transport::Device>;  // to which the others connect

/// Process 0 draws previews while the others wait. That one of them died is seen at once, by its connection.
constexpr std::chrono::hours kLongestWait(6);
/// Processes of several machines have met before they connect, so whoever does not answer then is gone. Gloo waits five
/// times as long for some answers.
constexpr std::chrono::seconds kConnecting(2);
constexpr std::chrono::milliseconds kLook(50);  // between looks whether the others have come
/// Of an attempt to reach process 0, which the engine may stretch to three: a signal is heard between two.
constexpr std::chrono::seconds kAttempt(1);

/// What the engine says, without where in its code it was and what it adds for its own users.
std::string_view in_short(const std::exception& error) {
  std::string_view said = error.what();
  said = said.substr(0, said.find('\n'));
  if (const size_t end = said.find("] ", said.find(".cc:")); end != std::string_view::npos) said.remove_prefix(end + 2);
  said = said.substr(0, said.find(". "));
  if (said.ends_with('.')) said.remove_suffix(1);
  return said;
}

/// What the engine throws becomes a sentence. Whoever was asked to stop has not failed, though it could save nothing.
template <class Work>
auto answered(int rank, int size, const Work& work) {
  try {
    return work();
  } catch (const Error&) { throw; } catch (const std::exception& error) {
    const std::string said = fmt::format(
        "process {} of {} had no answer from another one, which may be gone ({}); what that one said last "
        "may tell why, and where there is a checkpoint, `figment resume` goes on from it",
        rank, size, in_short(error));
    if (const int signal = own_stop_signal(); signal != 0) throw Interrupted(signal, said);
    throw ProcessGone(said);
  }
}

class GlooWorld final : public World {
 public:
  GlooWorld(const c10::intrusive_ptr<c10d::Store>& store, Listener listener, int rank, int size,
            std::chrono::milliseconds connecting) {
    const auto options = ProcessGroupGloo::Options::create(connecting);
    options->devices.push_back(std::move(listener));
    group_ = c10::make_intrusive<ProcessGroupGloo>(store, rank, size, options);
    group_->setTimeout(kLongestWait);
  }

  int rank() const override { return group_->getRank(); }
  int size() const override { return group_->getSize(); }

  void share(const std::vector<at::Tensor>& tensors) override {
    each_flat(tensors, [&](at::Tensor& flat) {
      std::vector<at::Tensor> one{flat};
      group_->broadcast(one)->wait();
    });
  }

 private:
  void add_up(const std::vector<at::Tensor>& tensors) override {
    each_flat(tensors, [&](at::Tensor& flat) {
      std::vector<at::Tensor> one{flat};
      group_->allreduce(one)->wait();
    });
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
      answered(rank(), size(), [&] { exchange(flat); });
      const std::vector<at::Tensor> back = flat.split(lengths);
      for (size_t i = 0; i < same.size(); ++i) same[i].copy_(back[i].view(same[i].sizes()));
    }
  }

  c10::intrusive_ptr<ProcessGroupGloo> group_;
};

/// The way of processes of several machines into one world.
class Meeting {
 public:
  explicit Meeting(const Rendezvous& given) : given_(given) {}

  std::unique_ptr<World> join() {
    const auto store = c10::make_intrusive<c10d::PrefixStore>(fmt::format("figment/{}", given_.id), reach());
    return answered(given_.rank, given_.size, [&] {
      await_all(*store);
      const Listener own = listener(*store);
      const std::set<int> before = tcp_sockets();
      auto joined = std::make_unique<GlooWorld>(store, own, given_.rank, given_.size, kConnecting);
      for (const int descriptor : tcp_sockets())
        if (!before.contains(descriptor)) end_when_silent(descriptor);
      return joined;
    });
  }

 private:
  static constexpr const char* kAddress = "address";  // of process 0's machine, as another machine reaches it

  static std::string here(int rank) { return fmt::format("here/{}", rank); }
  std::vector<std::string> all_here() const {
    std::vector<std::string> all;
    for (int rank = 0; rank < given_.size; ++rank) all.push_back(here(rank));
    return all;
  }
  std::string place() const { return fmt::format("{}:{}", given_.address, given_.port); }

  /// Process 0 answers there itself, unless somebody else does; the others try until it does.
  c10::intrusive_ptr<c10d::Store> reach() {
    c10d::TCPStoreOptions options;
    options.port = uint16_t(given_.port);
    options.isServer = given_.rank == 0 && !given_.served;
    options.waitWorkers = false;  // they are waited for here, where a signal is heard
    options.timeout = kAttempt;
    for (;;) {
      try {
        route_ = route_to(given_.address, given_.port);
        auto store = c10::make_intrusive<c10d::TCPStore>(given_.address, options);
        store->setTimeout(kConnecting);
        return store;
      } catch (const std::exception& error) {
        if (options.isServer)
          throw RunError(
              fmt::format("process 0 cannot wait for the others at {} ({}); give all processes an address of the "
                          "machine of process 0, and a port that nobody uses there",
                          place(), in_short(error)));
        look_again([&] {
          return fmt::format(
              "process {} of {} had no answer from process 0 at {} within {} s ({}); start process 0 on that machine, "
              "and see that it may be reached there",
              given_.rank, given_.size, place(), given_.seconds, in_short(error));
        });
      }
    }
  }

  void await_all(c10d::Store& store) const {
    if (!is_loopback(route_.from)) store.set(kAddress, route_.to);
    if (store.add(here(given_.rank), 1) > 1)
      throw RunError(fmt::format(
          "two processes came to {} as number {} of {}: each needs a number of its own; where an earlier one "
          "has ended, start all of them again",
          place(), given_.rank, given_.size));
    while (!store.check(all_here())) look_again([&] { return missing(store); });
  }

  /// Throws where it has lasted too long, or where a signal asks for an end.
  void look_again(const std::function<std::string()>& too_long) const {
    expect_no_stop_signal();
    if (steady_seconds() - begun_ > given_.seconds) throw RunError(too_long());
    std::this_thread::sleep_for(kLook);
  }

  std::string missing(c10d::Store& store) const {
    std::vector<std::string> ranks;
    for (int rank = 0; rank < given_.size; ++rank)
      if (!store.check({here(rank)})) ranks.push_back(std::to_string(rank));
    return fmt::format(
        "process {} of {} waited {} s at {}, and {} of the {} did not come: {} {}; start all of them within that time, "
        "each with the same address and port",
        given_.rank, given_.size, given_.seconds, place(), ranks.size(), given_.size,
        ranks.size() == 1 ? "number" : "numbers", listed(ranks));
  }

  /// Where the others connect to this process. A name of process 0's machine may mean the loopback address there, which
  /// nobody else reaches: then it is the address that others see.
  Listener listener(c10d::Store& store) const {
    std::string own = given_.listen.empty() ? route_.from : given_.listen;
    try {
      if (given_.listen.empty() && is_loopback(own) && store.check({kAddress})) own = store.get_to_str(kAddress);
      return if_nametoindex(own.c_str()) != 0 ? ProcessGroupGloo::createDeviceForInterface(own)
                                              : ProcessGroupGloo::createDeviceForHostname(own);
    } catch (const std::exception& error) {
      throw RunError(
          fmt::format("process {} of {} cannot be reached by the others at '{}' ({}); name another address or network "
                      "interface of this machine, in GLOO_SOCKET_IFNAME",
                      given_.rank, given_.size, own, in_short(error)));
    }
  }

  const Rendezvous& given_;
  const double begun_ = steady_seconds();
  Route route_ = {};
};

/// What goes wrong becomes an error here; the engine would print it too.
void silence_engine() { FLAGS_caffe2_log_level = 3; }

}  // namespace

std::unique_ptr<World> join_world(const Rendezvous& rendezvous) {
  rendezvous.validate();
  silence_engine();
  return Meeting(rendezvous).join();
}

Membership::Membership(const Rendezvous& rendezvous) : joined_(rendezvous.size > 1) {
  rendezvous.validate();
  if (joined_) set_world(join_world(rendezvous));
}

Membership::~Membership() {
  if (!joined_) return;
  set_world(nullptr);
  forget_agreement();
}

}  // namespace figment
