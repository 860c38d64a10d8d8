#include "figment/training/route.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>

#include "figment/base/error.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

std::string numeric(const sockaddr* address, socklen_t length) {
  char text[NI_MAXHOST] = {};
  getnameinfo(address, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return text;
}

/// A datagram socket that connects sends nothing: the system only chooses the way.
std::optional<Route> way_to(const addrinfo& other) {
  const int descriptor = socket(other.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::nullopt;
  sockaddr_storage storage = {};
  auto* const own = reinterpret_cast<sockaddr*>(&storage);
  socklen_t length = sizeof storage;
  const bool found =
      connect(descriptor, other.ai_addr, other.ai_addrlen) == 0 && getsockname(descriptor, own, &length) == 0;
  const int reason = errno;
  close(descriptor);
  errno = reason;
  if (!found) return std::nullopt;
  return Route{.from = numeric(own, length), .to = numeric(other.ai_addr, other.ai_addrlen)};
}

}  // namespace

Route route_to(const std::string& address, int port) {
  std::string reason;
  for (const int family : {AF_INET, AF_INET6}) {
    addrinfo wanted = {}, *first = nullptr;
    wanted.ai_family = family;
    wanted.ai_socktype = SOCK_DGRAM;
    wanted.ai_flags = AI_NUMERICSERV;
    if (const int wrong = getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &first); wrong != 0) {
      if (reason.empty()) reason = gai_strerror(wrong);
      continue;
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(first, freeaddrinfo);
    if (const auto way = way_to(*found)) return *way;
    reason = std::strerror(errno);
  }
  throw RunError(fmt::format("no way leads from this machine to '{}' ({})", address, reason));
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

std::set<int> tcp_sockets() {
  std::set<int> all;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd", ignored)) {
    const int descriptor = std::stoi(entry.path().filename().string());
    int protocol = 0;
    socklen_t size = sizeof protocol;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == IPPROTO_TCP)
      all.insert(descriptor);
  }
  return all;
}

void end_when_silent(int descriptor) {
  const auto set = [&](int level, int option, int value) {
    setsockopt(descriptor, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 2);  // seconds of silence before the first question, and between two
  set(IPPROTO_TCP, TCP_KEEPINTVL, 2);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 6000);  // milliseconds, also while something that was sent is not confirmed
}

}  // namespace figment
