#include "figment/data/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "figment/base/machine.h"

namespace figment {

namespace {

constexpr double kReportSeconds = 0.1;

}  // namespace

void in_parallel(int64_t count, const std::function<void(int64_t)>& f, const Progress& go_on) {
  std::atomic<int64_t> next{0}, done{0};
  const auto asker = std::this_thread::get_id();
  double reported = steady_seconds() - kReportSeconds;  // the first one is told at once
  std::mutex mutex;
  std::exception_ptr error;
  const auto work = [&] {
    try {
      for (int64_t i = next++; i < count; i = next++) {
        expect_no_stop_signal();
        f(i);
        ++done;
        if (std::this_thread::get_id() != asker || steady_seconds() - reported < kReportSeconds) continue;
        report_progress(go_on, double(done) / double(count));
        reported = steady_seconds();
      }
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (int64_t i = 1; i < std::min<int64_t>(granted_cores(), count); ++i) others.emplace_back(work);
    work();
  }
  if (error) std::rethrow_exception(error);
  report_progress(go_on, 1);  // others may have done the last ones
}

}  // namespace figment
