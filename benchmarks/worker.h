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

namespace figment::bench {

/// Brings about the conditions of the program: how threads wait, how memory is kept. OpenMP, which read its environment
/// while this worker was loaded, reads it again when the worker starts itself once more.
inline void run_as_the_program_does(char** argv) {
  const bool first = !std::getenv("OMP_WAIT_POLICY");
  prepare_process(0);
  if (first) execv("/proc/self/exe", argv);
}

inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Work {
  std::function<double(int64_t n)> run;  ///< n units of work; returns a loss
  std::function<std::vector<double>(int64_t k, const std::string& path)> losses = {};
};

inline void serve(const Json& facts, const Work& work) {
  std::cout.precision(9);
  std::cout << "ready " << facts.dump() << std::endl;
  std::string command, path;
  for (int64_t n = 0; std::cin >> command >> n;) {
    if (command == "losses") {
      std::cin >> path;
      std::cout << Json(work.losses(n, path)).dump() << std::endl;
    } else {
      const double cpu = cpu_seconds(), wall = steady_seconds();
      const double loss = work.run(n);
      std::cout << cpu_seconds() - cpu << ' ' << steady_seconds() - wall << ' ' << loss << std::endl;
    }
  }
}

}  // namespace figment::bench
