#include "figment/training/shared_memory.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <torch/torch.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <vector>

namespace figment {
namespace {

/// What each of the forked processes finds out: whether `holds` is true in all of them.
bool in_each(int size, const std::function<bool(World&, SharedMemory&)>& holds) {
  SharedMemory memory(size);
  std::vector<pid_t> all;
  for (int rank = 0; rank < size; ++rank) {
    all.push_back(fork());
    if (all.back() != 0) continue;
    alarm(60);
    torch::set_num_threads(1);  // OpenMP's helpers are not forked
    try {
      _exit(holds(*memory.join(rank), memory) ? 0 : 1);
    } catch (...) { _exit(2); }
  }
  bool all_hold = true;
  for (const pid_t id : all) {
    int status = 0;
    all_hold = waitpid(id, &status, 0) == id && status == 0 && all_hold;
  }
  return all_hold;
}

/// Of other numbers in each process; more than one piece of the exchange, in more than one type and layout.
std::vector<torch::Tensor> tensors_of(int rank) {
  const torch::Tensor wide = torch::arange(600'000, torch::kFloat).add(rank).view({20, 3, 100, 100});
  return {wide.contiguous(torch::MemoryFormat::ChannelsLast),
          torch::full({}, 0.5 + rank),
          torch::arange(6, torch::kFloat64).view({2, 3}).t() * (rank + 1),
          torch::arange(10, torch::kLong).slice(0, 1, 10, 2) + rank,
          torch::zeros({0}),
          torch::full({5}, int64_t(1) << (40 + rank), torch::kLong)};
}

TEST(SharedMemory, AddsUpWhatTheProcessesHave) {
  for (const int size : {2, 3, 5})
    EXPECT_TRUE(in_each(size, [&](World& world, SharedMemory&) {
      bool equal = world.size() == size;
      for (int again = 0; again < 5 && equal; ++again) {
        const std::vector<torch::Tensor> own = tensors_of(world.rank());
        std::vector<torch::Tensor> expected = tensors_of(0);
        for (int rank = 1; rank < size; ++rank)
          for (size_t i = 0; i < own.size(); ++i) expected[i] = expected[i] + tensors_of(rank)[i];
        world.sum(own);
        for (size_t i = 0; i < own.size(); ++i) equal = equal && own[i].equal(expected[i]);
        // What one hands out must not meet what another still reads.
        const std::vector<torch::Tensor> shared = tensors_of(world.rank());
        world.share(shared);
        for (size_t i = 0; i < own.size(); ++i) equal = equal && shared[i].equal(tensors_of(0)[i]);
      }
      return equal;
    })) << size;
}

TEST(SharedMemory, WhoWaitsForOneThatIsGoneIsTold) {
  EXPECT_TRUE(in_each(3, [](World& world, SharedMemory& memory) {
    if (world.rank() == 2) {
      usleep(200'000);
      memory.say_gone();
      return true;
    }
    try {
      world.sum({torch::ones({3})});
    } catch (const ProcessGone&) { return true; }
    return false;
  }));
}

TEST(SharedMemory, ASumThatAllHaveGivenToIsNoLossWhenOneLeavesThen) {
  EXPECT_TRUE(in_each(2, [](World& world, SharedMemory& memory) {
    const torch::Tensor one = torch::ones({1});
    world.sum({one});
    if (world.rank() == 1) memory.say_gone();
    return one.item<float>() == 2;
  }));
}

}  // namespace
}  // namespace figment
