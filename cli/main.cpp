#include <cstdio>

#include "figment/base/version.h"

int main() {
  std::printf("figment %s\n", figment::kVersion);
  return 0;
}
