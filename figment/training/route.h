// The way from this machine to another, and connections whose other end is gone, by the system's own calls.
#pragma once
#include <set>
#include <string>

namespace figment {

/// Addresses as numbers.
struct Route {
  std::string from;  ///< of this machine
  std::string to;    ///< of the other one
};
/// How the system would reach a machine, of which nothing is asked: a name may be known, and the machine gone. IPv4
/// where the address has it, so that all machines choose alike. Throws RunError where the name is unknown or no way
/// leads there.
Route route_to(const std::string& address, int port);

/// Whether this machine alone is reached by the address.
bool is_loopback(const std::string& address);

/// The descriptors of this process that are TCP connections, or wait for some.
std::set<int> tcp_sockets();

/// A machine without power or cable says nothing, and the system would wait a quarter of an hour for it, or for ever.
/// From here on it asks a silent one now and then, and the connection ends where no answer comes for six seconds. A
/// process that is only busy is answered for by its system.
void end_when_silent(int descriptor);

}  // namespace figment
