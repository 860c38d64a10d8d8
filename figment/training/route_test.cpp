#include "figment/training/route.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace figment {
namespace {

TEST(Route, AnAddressOfThisMachineIsReachedFromOneOfThisMachine) {
  const Route route = route_to("127.0.0.2", 1);
  EXPECT_EQ(route.to, "127.0.0.2");
  EXPECT_TRUE(is_loopback(route.from)) << route.from;
  EXPECT_TRUE(is_loopback(route_to("localhost", 1).to));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_FALSE(is_loopback("10.0.0.1"));
}

TEST(Route, OnlyConnectionsAreWatchedForSilence) {
  const int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::set<int> all = tcp_sockets();
  EXPECT_TRUE(all.contains(tcp));
  for (const int other : {udp, ends[0], ends[1]}) EXPECT_FALSE(all.contains(other));

  end_when_silent(tcp);
  int milliseconds = 0;
  socklen_t size = sizeof milliseconds;
  ASSERT_EQ(getsockopt(tcp, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, &size), 0);
  EXPECT_GT(milliseconds, 0);
  EXPECT_LT(milliseconds, 10000) << "a machine that vanished ends the others within ten seconds";
  for (const int descriptor : {tcp, udp, ends[0], ends[1]}) close(descriptor);
}

}  // namespace
}  // namespace figment
