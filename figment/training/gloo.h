// The world of several processes: c10d with Gloo, which are parts of LibTorch. A process that waits for another sleeps.
#pragma once
#include <filesystem>
#include <memory>

#include "figment/tensor/world.h"

namespace figment {

/// Joins `size` processes of this machine that all name the same file, which nobody else may have written. They agree
/// on an end too: a process that was sent a signal says so with the next call of the world, and then all of them know
/// (`agree_to_stop`). Throws RunError where the others do not come.
std::unique_ptr<World> join_world(const std::filesystem::path& meeting, int rank, int size);

}  // namespace figment
