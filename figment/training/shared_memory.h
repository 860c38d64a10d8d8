// The world of several processes of one machine, which exchange numbers through memory that they share. A process that
// waits for another sleeps.
#pragma once
#include <cstddef>
#include <memory>

#include "figment/tensor/world.h"

namespace figment {

/// What such processes share. Whoever forks them makes it before, and each of them joins.
class SharedMemory {
 public:
  explicit SharedMemory(int size);  ///< throws std::bad_alloc
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  /// The world as process `rank` sees it, which must not outlive this.
  std::unique_ptr<World> join(int rank);
  /// One of them has failed: whoever waits for it, or will, throws ProcessGone.
  void say_gone();

 private:
  int size_;
  size_t bytes_;
  void* memory_;
};

}  // namespace figment
