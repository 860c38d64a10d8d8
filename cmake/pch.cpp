// The precompiled header of torch/torch.h is built with this file; see CMakeLists.txt.
