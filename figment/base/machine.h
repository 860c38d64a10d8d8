// What this process may use, and whether somebody asked it to stop.
#pragma once
#include <string>

namespace figment {

/// Cores that the machine grants: the smaller of affinity and cgroup quota, at least 1. The load never decides it,
/// because the number of threads is part of the bits of a run.
int granted_cores();

/// What the words for a device mean; whether it is there, the engine knows.
struct DeviceWord {
  enum class Kind { kAuto, kCpu, kCuda } kind = Kind::kAuto;
  int number = 0;
};
/// auto, cpu, cuda or cuda:N. Throws ConfigError with a suggestion.
DeviceWord device_word(const std::string&);

/// Prepares this process for computing: how its threads wait, how many there are (0: granted_cores), how memory is
/// kept. OpenMP reads its environment when its library loads, so this comes before the engine does. Words of the user's
/// own environment stay.
void prepare_process(int threads);

/// "2026-11-24T01:02:03Z".
std::string utc_now();

/// Seconds of a clock that never jumps back.
double steady_seconds();

/// SIGINT and SIGTERM set a flag from here on; a second one ends the process at once.
void catch_stop_signals();

/// The signal that asked for a stop, 0 if none did.
int stop_signal();

}  // namespace figment
