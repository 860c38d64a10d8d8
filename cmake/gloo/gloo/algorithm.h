// LibTorch holds Gloo and leaves out its headers. This declares as much of it as ProcessGroupGloo.hpp names.
#pragma once
