// The world of processes of several machines: c10d with Gloo, which are parts of LibTorch. A process that waits for
// another sleeps.
#pragma once
#include <memory>

#include "figment/tensor/world.h"
#include "figment/training/rendezvous.h"

namespace figment {

/// Joins processes of any machines, which all name the same process 0. Each pair of them is connected before this
/// returns. Throws ConfigError for a rendezvous that is none, RunError where the others do not come in time,
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
