// What this process may use, and whether somebody asked it to end.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

namespace figment {

/// Cores that the machine grants: the smaller of affinity and cgroup quota, at least 1. The load never decides it,
/// because the number of threads is part of the bits of a run.
int granted_cores();

/// Bytes that may be used now: what the system has available, or what is left of the cgroup's limit where that is less.
/// Pages of files that the kernel keeps and gives back on demand count as free.
int64_t free_memory();

/// What the words for a device mean; whether it is there, the engine knows.
struct DeviceWord {
  enum class Kind { kAuto, kCpu, kCuda } kind = Kind::kAuto;
  int number = 0;
};
/// auto, cpu, cuda or cuda:N. Throws ConfigError with a suggestion.
DeviceWord device_word(const std::string&);

/// Prepares this process for computing: how its threads wait, how many there are (0: granted_cores), how memory is
/// kept. OpenMP reads its environment when its library loads, so this comes before the engine does. How threads wait
/// (OMP_WAIT_POLICY, GOMP_SPINCOUNT) stays as the user's environment has it; whatever there would grant fewer threads
/// than are asked for is removed.
void prepare_process(int threads);

/// Where this user's programs keep what they can make anew at any time: `figment` in $XDG_CACHE_HOME, else in
/// $HOME/.cache. Empty where neither is an absolute path. The folder need not be there.
std::filesystem::path cache_folder();

/// "2026-11-24T01:02:03Z".
std::string utc_now();

/// Seconds of a clock that never jumps back.
double steady_seconds();

/// From here on SIGINT, SIGTERM and SIGHUP ask for an end: the first sets a flag. Schedulers, wrappers and terminals
/// send several in a row, so a repeat within five seconds is the same request; a later one ends the process at once. A
/// signal that is ignored now (nohup) stays ignored.
void catch_stop_signals();

/// Another source of the same request: while this lives, a stop that is asked of the token counts as SIGTERM, whichever
/// thread asks. One at a time in a process, as there is one training at a time.
class StopRequest {
 public:
  explicit StopRequest(std::stop_token);
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

 private:
  std::optional<std::stop_callback<void (*)()>> asked_;
};

/// The signal that asked for an end, 0 if none did. Where processes train one model, the one they agreed on.
int stop_signal();

/// The signal that this process itself was sent, or one that shares its signals, or SIGTERM for a token; 0 if none was.
int own_stop_signal();
/// All processes know by now that one of them was asked to stop.
void agree_to_stop();
/// They have ended their training: what they agreed on holds for no later one.
void forget_agreement();

/// While it lives, a signal that asks this process for an end, or one that it forked meanwhile, asks all of them. One
/// lives at a time. Throws FileError where there is no memory that they could share.
class SharedSignals {
 public:
  SharedSignals();
  ~SharedSignals();
  SharedSignals(const SharedSignals&) = delete;
  SharedSignals& operator=(const SharedSignals&) = delete;
};

/// Whose signals `stop_signal` tells while it lives.
class SignalScope {
 public:
  explicit SignalScope(bool by_agreement);
  ~SignalScope();
  SignalScope(const SignalScope&) = delete;
  SignalScope& operator=(const SignalScope&) = delete;

 private:
  bool before_;
};
/// Processes that train one model must stop after the same step: `stop_signal` is 0 in this process until
/// `agree_to_stop`, whatever signals come.
struct AgreedSignals : SignalScope {
  AgreedSignals() : SignalScope(true) {}
};
/// The others wait for this process, which therefore hears its own signals.
struct OwnSignals : SignalScope {
  OwnSignals() : SignalScope(false) {}
};

/// Throws Interrupted when a signal asked for an end. Whatever may take longer than a second calls it now and then;
/// whoever has something to save catches it.
void expect_no_stop_signal();

}  // namespace figment
