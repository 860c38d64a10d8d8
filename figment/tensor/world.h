// The processes that train one model together.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "figment/base/error.h"

namespace figment {

/// Another process is gone, and why is not known here.
class ProcessGone : public RunError {
 public:
  using RunError::RunError;
};

/// Each of the processes sees its part of every batch; whatever is summed over a batch is summed over them here. All of
/// them make the same calls in the same order, with tensors of the same shapes. A single process is a world of one,
/// where nothing has to be done. Functions throw ProcessGone, or Interrupted where this
/// one was asked to stop.
class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;

  virtual int rank() const { return 0; }  ///< 0 writes the run
  virtual int size() const { return 1; }
  /// Adds up the tensors of all processes in place; the sums are equal to the last bit in every process. They agree on
  /// an end too: a process that was sent a signal says so with its next sum, and then all of them know
  /// (`agree_to_stop`).
  void sum(const std::vector<at::Tensor>&);
  /// Gives every process the values that process 0 has, in place.
  virtual void share(const std::vector<at::Tensor>&) {}

 private:
  virtual void add_up(const std::vector<at::Tensor>&) {}
};

/// The world of this process.
World& world();
/// Null: a world of one.
void set_world(std::unique_ptr<World>);

/// Whether this is the process that writes.
inline bool leads() { return world().rank() == 0; }

/// Runs what may take long and differs between the processes, and waits until all have done theirs. Meanwhile each
/// hears its own signals; where one was asked to stop, all throw Interrupted once they are here, and what `part` did
/// may be incomplete. `part` makes no calls of the world. In a world of one it is just called.
void do_own_part(const std::function<void()>& part);

/// What process 0 says, in all of them. A call of all processes, whatever the others say.
int64_t from_leader(int64_t number);
std::string from_leader(std::string text);

/// The rows of all processes, in the order of the batch: [N,…] of each becomes [N × processes,…].
at::Tensor gathered(const at::Tensor& rows);

}  // namespace figment
