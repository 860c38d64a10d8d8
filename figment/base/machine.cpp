#include "figment/base/machine.h"

#include <fmt/chrono.h>
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <new>
#include <optional>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/text.h"

namespace figment {
namespace {

constexpr int64_t kSameRequestMilliseconds = 5000;

/// Who asked for an end.
struct Asked {
  std::atomic<int> signal{0};      // the first
  std::atomic<int64_t> at{0};      // milliseconds of the steady clock
  std::atomic<bool> token{false};  // a request's
};
Asked of_this_process;
std::atomic<Asked*> asked{&of_this_process};  // or of all processes that share their signals
std::atomic<bool> by_agreement{false};        // of the processes that train one model
std::atomic<int> agreed{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<int64_t>::is_always_lock_free &&
                  std::atomic<Asked*>::is_always_lock_free,
              "they are set in a signal handler");

/// What comes from now on is kept in `to`, with what came before.
void keep_in(Asked& to) {
  const Asked& from = *asked.exchange(&to);
  to.token = from.token.load();
  if (from.signal == 0) return;
  to.at = from.at.load();
  to.signal = from.signal.load();
}

/// Calls only what a signal handler may call.
extern "C" void on_stop(int signal) {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t milliseconds = int64_t(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
  Asked& first = *asked.load();
  if (first.signal == 0) {
    first.at = milliseconds;
    first.signal = signal;
  } else if (milliseconds - first.at > kSameRequestMilliseconds) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

/// Where one of these says so, OpenMP grants fewer threads than it is asked for, and oneDNN, which trusts the number,
/// computes wrong products or waits for ever. OpenMP 5.1 also reads each name with _ALL behind it.
constexpr const char* kThreadWords[] = {"OMP_DYNAMIC", "OMP_THREAD_LIMIT", "OMP_MAX_ACTIVE_LEVELS", "OMP_NESTED",
                                        "OMP_NUM_THREADS"};

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

/// The number behind a word in a file of words and numbers, 0 where there is none.
int64_t number_in(const char* file, const std::string& name) {
  int64_t number = 0;
  std::string word;
  for (std::ifstream in(file); in >> word;)
    if (word == name && in >> number) return number;
  return 0;
}

/// What a cgroup leaves; nothing without a limit. `stat` says what of `used` the kernel would give back.
std::optional<int64_t> left_of(const char* most, const char* used, const char* stat) {
  int64_t limit = 0, now = 0;
  if (!(std::ifstream(most) >> limit) || !(std::ifstream(used) >> now)) return std::nullopt;
  return std::max<int64_t>(0, limit - now + number_in(stat, "inactive_file"));
}

}  // namespace

int64_t free_memory() {
  int64_t free = std::numeric_limits<int64_t>::max();
  if (const int64_t kilobytes = number_in("/proc/meminfo", "MemAvailable:"); kilobytes > 0) free = kilobytes * 1024;
  auto limited = left_of("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat");
  if (!limited)
    limited = left_of("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes",
                      "/sys/fs/cgroup/memory/memory.stat");
  return std::min(free, limited.value_or(free));
}

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
  if (word.starts_with("gpu") || word.starts_with("GPU"))  // one letter from cpu, and yet not what is meant
    throw ConfigError(
        fmt::format("there is no device '{}'; write cuda for the first NVIDIA GPU, cuda:N for another, cpu for the "
                    "processor",
                    word));
  throw ConfigError(
      fmt::format("there is no device '{}'{}", word,
                  did_you_mean(word, {"auto", "cpu", "cuda", "cuda:0"}, "known are auto, cpu, cuda and cuda:N")));
}

void prepare_process(int threads) {
  // By default OpenMP's threads spin at every barrier; with one other busy program on the same cores a step then takes
  // up to 25 times as long. Waiting passively costs 10 to 50 % of a small step on an idle machine and nothing beside
  // others. How threads wait changes no bits; their number does, and comes from what the machine grants.
  if (!std::getenv("GOMP_SPINCOUNT")) setenv("OMP_WAIT_POLICY", "passive", 0);
  for (const std::string word : kThreadWords)
    for (const std::string& name : {word, word + "_ALL"}) unsetenv(name.c_str());
  setenv("OMP_NUM_THREADS", std::to_string(threads > 0 ? threads : granted_cores()).c_str(), 1);
  // A training step allocates and frees the same large tensors again and again. glibc's defaults give each back to the
  // system and fault its pages in anew. The price: resident memory stays at its peak.
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
  // Other arenas than the first, which glibc gives to further threads, keep nothing whatever is asked of them.
  mallopt(M_ARENA_MAX, 1);
}

std::filesystem::path cache_folder() {
  const auto named = [](const char* variable) {
    const char* value = std::getenv(variable);
    const std::filesystem::path path = value ? value : "";
    return path.is_absolute() ? path : std::filesystem::path();
  };
  if (const auto cache = named("XDG_CACHE_HOME"); !cache.empty()) return cache / "figment";
  const auto home = named("HOME");
  return home.empty() ? home : home / ".cache/figment";
}

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void catch_stop_signals() {
  struct sigaction asks = {}, before = {};
  asks.sa_handler = on_stop;
  asks.sa_flags = SA_RESTART;  // no read or write fails because of it
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(signal, &asks, nullptr);
}

StopRequest::StopRequest(std::stop_token token) {
  asked_.emplace(std::move(token), [] { asked.load()->token = true; });
}

StopRequest::~StopRequest() {
  asked_.reset();  // waits for one that is asked just now
  asked.load()->token = false;
}

int stop_signal() {
  const int own = own_stop_signal();
  return by_agreement || own == 0 ? agreed.load() : own;
}

int own_stop_signal() {
  const Asked& now = *asked.load();
  if (const int signal = now.signal; signal != 0) return signal;
  return now.token ? SIGTERM : 0;
}

void agree_to_stop() {
  const int own = own_stop_signal();
  agreed = own != 0 ? own : SIGTERM;
}

void forget_agreement() { agreed = 0; }

SharedSignals::SharedSignals() {
  // It is never given back: a handler may still be writing into it.
  static void* const page = mmap(nullptr, sizeof(Asked), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw FileError("cannot share memory with other processes; train with --processes 1");
  keep_in(*new (page) Asked);
}

SharedSignals::~SharedSignals() { keep_in(of_this_process); }

SignalScope::SignalScope(bool agreed_on) : before_(by_agreement.exchange(agreed_on)) {}

SignalScope::~SignalScope() { by_agreement = before_; }

void expect_no_stop_signal() {
  if (const int signal = stop_signal(); signal != 0)
    throw Interrupted(signal, "stopped before there was anything to save; the same command begins again");
}

}  // namespace figment
