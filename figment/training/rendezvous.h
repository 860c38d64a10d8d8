// How the processes that train one model on several machines find one another, free of the engine.
#pragma once
#include <fmt/format.h>

#include <string>

#include "figment/base/error.h"
#include "figment/training/options.h"

namespace figment {

struct Rendezvous {
  int rank = 0, size = 1;    ///< which of how many processes this one is; process 0 writes the run
  std::string address = {};  ///< of the machine of process 0, a name or a number
  int port = 0;              ///< there, on which the others ask for process 0
  bool served = false;  ///< whoever started the processes answers there in the place of process 0, as torchrun does
  /// Of this start, and the same in all its processes: those of another start that come to the same port have another.
  std::string id = {};
  /// The address or the network interface of this machine to which the others connect; none: the address from which it
  /// reaches the machine of process 0.
  std::string listen = {};
  double seconds = 120;  ///< for which the others are waited for

  /// Throws ConfigError.
  void validate() const {
    if (size < 1 || size > kMostProcesses || rank < 0 || rank >= size)
      throw ConfigError(
          fmt::format("the processes of a training: there must be 1 to {} of them, numbered from 0, got number {} of "
                      "{}; start each with a number of its own and all with the same count",
                      kMostProcesses, rank, size));
    if (size > 1 && (address.empty() || port < 1 || port > 65535))
      throw ConfigError(
          fmt::format("the processes of a training: {} of them need the address of the machine of process 0 and a "
                      "port there, from 1 to 65535, got '{}' and {}; give all of them the same two",
                      size, address, port));
  }
};

}  // namespace figment
