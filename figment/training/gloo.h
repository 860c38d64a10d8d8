// The world of several processes: c10d with Gloo, which are parts of LibTorch. A process that waits for another sleeps.
#pragma once
#include <filesystem>
#include <memory>

#include "figment/tensor/world.h"
#include "figment/training/rendezvous.h"

namespace figment {

/// Joins `size` processes of this machine that all name the same file, which nobody else may have written. They agree
/// on an end too: a process that was sent a signal says so with the next call of the world, and then all of them know
/// (`agree_to_stop`). Throws RunError where the others do not come.
std::unique_ptr<World> join_world(const std::filesystem::path& meeting, int rank, int size);

/// The same for processes of any machines, which all name the same process 0. Each pair of them is connected before
/// this returns. Throws ConfigError for a rendezvous that is none, RunError where the others do not come in time,
/// Interrupted where a signal asks for an end before they do.
std::unique_ptr<World> join_world(const Rendezvous&);

/// While it lives `world()` is that of these processes; of a single one nothing changes. Throws what `join_world`
/// throws.
class Membership {
 public:
  explicit Membership(const Rendezvous&);
  ~Membership();
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

 private:
  bool joined_;
};

}  // namespace figment
