// LibTorch holds Gloo and leaves out its headers. This declares as much of it as ProcessGroupGloo.hpp names.
#pragma once
#include <chrono>

namespace gloo {
class Context {
 public:
  void setTimeout(std::chrono::milliseconds);
};
}  // namespace gloo
