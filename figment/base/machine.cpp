#include "figment/base/machine.h"

#include <fmt/chrono.h>
#include <malloc.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>

#include "figment/base/error.h"
#include "figment/base/text.h"

namespace figment {
namespace {

std::atomic<int> asked_to_stop{0};
static_assert(std::atomic<int>::is_always_lock_free, "it is set in a signal handler");

extern "C" void on_stop(int signal) {
  asked_to_stop = signal;
  std::signal(signal, SIG_DFL);
}

/// Cores of the cgroup quota (version 2, then 1), infinity where there is none.
double quota() {
  const double none = std::numeric_limits<double>::infinity();
  std::string limit;
  double period = 0;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> limit >> period)
    return limit == "max" || period <= 0 ? none : std::stod(limit) / period;
  double microseconds = -1;
  std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") >> microseconds;
  std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_period_us") >> period;
  return microseconds > 0 && period > 0 ? microseconds / period : none;
}

}  // namespace

int granted_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int affinity = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return std::max(1, int(std::min(double(affinity), std::floor(quota()))));
}

DeviceWord device_word(const std::string& word) {
  using Kind = DeviceWord::Kind;
  if (word == "auto") return {Kind::kAuto};
  if (word == "cpu") return {Kind::kCpu};
  if (word == "cuda") return {Kind::kCuda};
  const std::string number = word.starts_with("cuda:") ? word.substr(5) : "";
  if (!number.empty() && number.size() < 4 && std::all_of(number.begin(), number.end(), ::isdigit))
    return {Kind::kCuda, std::stoi(number)};
  throw ConfigError(
      fmt::format("there is no device '{}'{}", word,
                  did_you_mean(word, {"auto", "cpu", "cuda", "cuda:0"}, "known are auto, cpu, cuda and cuda:N")));
}

void prepare_process(int threads) {
  // By default OpenMP's threads spin at every barrier; with one other busy program on the same cores a step then takes
  // up to 25 times as long. Waiting passively costs 10 to 50 % of a small step on an idle machine and nothing beside
  // others. How threads wait changes no bits; their number does, and comes from what the machine grants.
  if (!std::getenv("GOMP_SPINCOUNT")) setenv("OMP_WAIT_POLICY", "passive", 0);
  setenv("OMP_NUM_THREADS", std::to_string(threads > 0 ? threads : granted_cores()).c_str(), threads > 0);
  // A training step allocates and frees the same large tensors again and again. glibc's defaults give each back to the
  // system and fault its pages in anew. The price: resident memory stays at its peak.
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
}

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void catch_stop_signals() {
  std::signal(SIGINT, on_stop);
  std::signal(SIGTERM, on_stop);
}

int stop_signal() { return asked_to_stop; }

}  // namespace figment
