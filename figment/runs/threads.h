// The threads that this process computes with.
#pragma once

namespace figment {

/// Sets the number of compute threads, at least 1, and makes sure that OpenMP grants it: oneDNN divides its work among
/// the threads that were asked for, and where some of them are missing its products are wrong or it waits for ever.
/// Throws ConfigError where OpenMP grants fewer.
void use_threads(int threads);

}  // namespace figment
