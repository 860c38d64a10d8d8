// The line protocol between bench.py and a worker, the C++ side; worker.py is the Python side and describes it.
#pragma once
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "figment/base/machine.h"
#include "figment/config/json.h"
#include "figment/tensor/tensors.h"
#include "figment/tensor/world.h"

namespace figment::bench {

/// Brings about the conditions of the program: how threads wait, how memory is kept. OpenMP, which read its environment
/// while this worker was loaded, reads it again when the worker starts itself once more.
inline void run_as_the_program_does(char** argv) {
  const bool first = !std::getenv("OMP_WAIT_POLICY");
  prepare_process(0);
  if (first) execv("/proc/self/exe", argv);
}

/// Of all processes that train together: a call of all of them.
inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
  const Tensor total = torch::full({1}, seconds(usage.ru_utime) + seconds(usage.ru_stime), torch::kFloat64);
  world().sum({total});
  return total.item<double>();
}

struct Work {
  std::function<double(int64_t n)> run;  ///< n units of work; returns a loss
  std::function<std::vector<double>(int64_t k, const std::string& path)> losses = {};  ///< of a single process
};

/// Does what it is asked until the input ends. Of several processes the first is asked and answers, and all of them do
/// it.
inline void serve(const Json& facts, const Work& work) {
  std::cout.precision(9);
  if (leads()) std::cout << "ready " << facts.dump() << std::endl;
  std::string command, path;
  const auto next = [&] {  // how often; 0 at the end
    const Tensor n = torch::zeros({1}, torch::kInt64);
    if (int64_t asked = 0; leads() && std::cin >> command >> asked) n.fill_(asked);
    world().share({n});
    return n.item<int64_t>();
  };
  while (const int64_t n = next()) {
    if (command == "losses") {
      std::cin >> path;
      std::cout << Json(work.losses(n, path)).dump() << std::endl;
      continue;
    }
    const double cpu = cpu_seconds(), wall = steady_seconds();
    const double loss = work.run(n);
    const double wall_of_it = steady_seconds() - wall, cpu_of_it = cpu_seconds() - cpu;
    if (leads()) std::cout << cpu_of_it << ' ' << wall_of_it << ' ' << loss << std::endl;
  }
}

}  // namespace figment::bench
