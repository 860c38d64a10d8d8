#include "figment/runs/threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <atomic>

#include "figment/base/error.h"

namespace figment {
namespace {

/// A function of the OpenMP library that LibTorch loaded, by its name in the library's ABI; null where there is none.
template <class Function>
Function* openmp(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

/// Threads that come to a parallel region. `otherwise` where LibTorch uses another kind of threads.
int granted_threads(int otherwise) {
  auto* const parallel =
      openmp<void(void (*region)(void*), void* data, unsigned threads, unsigned flags)>("GOMP_parallel");
  if (!parallel) return otherwise;
  std::atomic<int> count = 0;
  parallel([](void* data) { ++*static_cast<std::atomic<int>*>(data); }, &count, 0, 0);
  return count;
}

}  // namespace

void use_threads(int threads) {
  at::set_num_threads(threads);
  auto* const dynamic = openmp<int()>("omp_get_dynamic");
  const int granted = granted_threads(threads);
  if (granted == threads && !(dynamic && dynamic() && threads > 1)) return;
  throw ConfigError(
      fmt::format("threads: {} are asked for, and OpenMP grants {} now and perhaps fewer later; remove OMP_DYNAMIC, "
                  "OMP_THREAD_LIMIT "
                  "and OMP_MAX_ACTIVE_LEVELS from the environment in which LibTorch is loaded, or ask for 1 thread",
                  threads, granted));
}

}  // namespace figment
