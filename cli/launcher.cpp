// Tested by tests/machines_test.cpp.
#include "cli/launcher.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "figment/base/error.h"

namespace figment::cli {
namespace {

/// Nothing where it is not set or empty.
std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<int64_t> number(const char* name) {
  const auto text = variable(name);
  if (!text) return std::nullopt;
  int64_t value = 0;
  const char* end = text->data() + text->size();
  if (const auto [stop, error] = std::from_chars(text->data(), end, value);
      error != std::errc() || stop != end || value < 0 || value > std::numeric_limits<uint32_t>::max())
    throw ConfigError(
        fmt::format("the environment says {}='{}', which must be a whole number of at most ten digits, since this "
                    "process is one of several "
                    "that train together; mend it, or unset it where this process trains alone",
                    name, *text));
  return value;
}

void expect_set(std::initializer_list<const char*> names, const char* because) {
  for (const char* name : names)
    if (!variable(name))
      throw ConfigError(
          fmt::format("the environment has {} and no {}: several processes that train together need both, and one that "
                      "trains alone neither; set {}, or unset {}",
                      because, name, name, because));
}

/// "node03" of "node[03-07,11],gate" and of "node03,node04": Slurm starts process 0 there.
std::string first_host(std::string_view list) {
  std::string host;
  for (size_t at = 0; at < list.size() && list[at] != ','; ++at) {
    if (list[at] != '[') {
      host += list[at];
      continue;
    }
    const size_t end = list.find(']', at);
    const std::string_view numbers = list.substr(at + 1, end - at - 1);
    host += numbers.substr(0, numbers.find_first_of(",-"));
    if (end == std::string_view::npos) break;
    at = end;
  }
  return host;
}

/// Slurm gives no port, and two steps on one machine must not share one. Neighbours in number run at the same time.
int port_of(int64_t job, int64_t step) {
  constexpr int64_t kFirst = 15000, kMany = 10000;  // below those that the system hands out
  constexpr int64_t kSteps = 101;                   // of a job, until they meet those of the next
  return int(kFirst + (job * kSteps + step) % kMany);
}

}  // namespace

Rendezvous launched() {
  Rendezvous together;
  if (const auto size = number("WORLD_SIZE")) {
    together.size = int(*size);
    if (*size > 1) expect_set({"RANK", "MASTER_ADDR", "MASTER_PORT"}, "WORLD_SIZE");
    together.rank = int(number("RANK").value_or(0));
  } else if (const auto tasks = number("SLURM_STEP_NUM_TASKS"); tasks > 1) {
    // srun sets it. A batch script has SLURM_NTASKS and SLURM_PROCID too, and is one process.
    together.size = int(*tasks);
    expect_set({"SLURM_PROCID", "SLURM_STEP_NODELIST", "SLURM_JOB_ID"}, "SLURM_STEP_NUM_TASKS");
    together.rank = int(number("SLURM_PROCID").value_or(0));
    together.address = first_host(*variable("SLURM_STEP_NODELIST"));
    const int64_t job = number("SLURM_JOB_ID").value_or(0), step = number("SLURM_STEP_ID").value_or(0);
    together.port = port_of(job, step);
    together.id = fmt::format("{}.{}", job, step);
  }
  if (together.size == 1) return {};
  together.address = variable("MASTER_ADDR").value_or(together.address);
  together.port = int(number("MASTER_PORT").value_or(together.port));
  together.served = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  if (const auto run = variable("TORCHELASTIC_RUN_ID"))
    together.id = fmt::format("{}.{}", *run, number("TORCHELASTIC_RESTART_COUNT").value_or(0));
  const std::string interfaces = variable("GLOO_SOCKET_IFNAME").value_or("");
  together.listen = interfaces.substr(0, interfaces.find(','));
  together.validate();
  return together;
}

}  // namespace figment::cli
