#include "figment/base/machine.h"

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "figment/base/error.h"

namespace figment {
namespace {

TEST(Machine, AtLeastOneCoreAndNoMoreThanTheAffinity) {
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  EXPECT_GE(granted_cores(), 1);
  EXPECT_LE(granted_cores(), CPU_COUNT(&set));
}

TEST(Machine, AffinityIsHeeded) {
  const auto on_one_core = [] {
    cpu_set_t all, one;
    sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i)
      if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
    sched_setaffinity(0, sizeof one, &one);
    std::_Exit(granted_cores() == 1 ? 0 : 1);
  };
  EXPECT_EXIT(on_one_core(), testing::ExitedWithCode(0), "");
}

TEST(Machine, FreeMemoryLiesWithinWhatThereIs) {
  EXPECT_GE(free_memory(), 0);
  EXPECT_LE(free_memory(), int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE));
}

TEST(Machine, TheFolderOfCachesIsTheOneThatTheEnvironmentNames) {
  const auto folder_with = [](const char* cache, const char* home) {
    cache ? setenv("XDG_CACHE_HOME", cache, 1) : unsetenv("XDG_CACHE_HOME");
    home ? setenv("HOME", home, 1) : unsetenv("HOME");
    return cache_folder().string();
  };
  const auto own = [](const char* name) {
    return std::getenv(name) ? std::optional<std::string>(std::getenv(name)) : std::nullopt;
  };
  const auto cache = own("XDG_CACHE_HOME"), home = own("HOME");
  EXPECT_EQ(folder_with("/x", "/home/me"), "/x/figment");
  EXPECT_EQ(folder_with("x", "/home/me"), "/home/me/.cache/figment") << "the standard ignores a relative path";
  EXPECT_EQ(folder_with(nullptr, "/home/me"), "/home/me/.cache/figment");
  EXPECT_EQ(folder_with("", nullptr), "");
  folder_with(cache ? cache->c_str() : nullptr, home ? home->c_str() : nullptr);
}

TEST(Machine, TimeIsWrittenInUtc) {
  EXPECT_THAT(utc_now(), testing::MatchesRegex("20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z"));
  const double before = steady_seconds();
  EXPECT_GE(steady_seconds(), before);
}

/// Runs `f` in a process of its own, in which nobody asked for an end and no signal is ignored; true when it says so.
void expect_in_fresh_process(const std::function<bool()>& f) {
  const auto fresh = [&] {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
    std::_Exit(f() ? 0 : 1);
  };
  EXPECT_EXIT(fresh(), testing::ExitedWithCode(0), "");
}

TEST(StopSignal, EachOfThreeAsksForAnEnd) {
  EXPECT_EQ(stop_signal(), 0);
  EXPECT_NO_THROW(expect_no_stop_signal());
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    expect_in_fresh_process([signal] {
      catch_stop_signals();
      std::raise(signal);
      try {
        expect_no_stop_signal();
      } catch (const Interrupted& stopped) { return stopped.signal == signal && stop_signal() == signal; }
      return false;
    });
}

TEST(StopSignal, ARepeatIsTheSameRequest) {
  expect_in_fresh_process([] {
    catch_stop_signals();
    for (const int signal : {SIGTERM, SIGTERM, SIGHUP, SIGINT}) std::raise(signal);
    return stop_signal() == SIGTERM;
  });
}

TEST(StopSignal, ARepeatAfterMoreThanFiveSecondsEndsAtOnce) {
  const auto wait = [] {
    std::signal(SIGTERM, SIG_DFL);
    catch_stop_signals();
    std::raise(SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(5100));
    std::raise(SIGTERM);
    std::_Exit(0);
  };
  EXPECT_EXIT(wait(), testing::KilledBySignal(SIGTERM), "");
}

TEST(StopSignal, ATokenAsksAsASignalDoesWhileItsRequestLives) {
  expect_in_fresh_process([] {
    bool heard = false;
    {
      std::stop_source source;
      const StopRequest request(source.get_token());
      if (stop_signal() != 0) return false;
      std::thread([&] { source.request_stop(); }).join();
      heard = stop_signal() == SIGTERM && own_stop_signal() == SIGTERM;
    }
    const StopRequest never{std::stop_token()};
    return heard && stop_signal() == 0;
  });
}

TEST(StopSignal, WhatProcessesAgreedOnEndsWithTheirTraining) {
  expect_in_fresh_process([] {
    {
      std::stop_source source;
      const StopRequest request(source.get_token());
      source.request_stop();
      const AgreedSignals together;
      if (stop_signal() != 0) return false;
      agree_to_stop();
      if (stop_signal() != SIGTERM) return false;
      forget_agreement();
    }
    return stop_signal() == 0;
  });
}

TEST(StopSignal, OneThatWasIgnoredStaysIgnored) {
  expect_in_fresh_process([] {
    std::signal(SIGHUP, SIG_IGN);  // as nohup does
    catch_stop_signals();
    std::raise(SIGHUP);
    return stop_signal() == 0;
  });
}

/// Lets a process that is forked send itself a signal.
void ask_a_fork() {
  const pid_t child = ::fork();
  if (child == 0) {
    std::raise(SIGTERM);
    std::_Exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

TEST(StopSignal, OneThatIsSharedAsksAllProcesses) {
  expect_in_fresh_process([] {
    catch_stop_signals();
    {
      const SharedSignals shared;
      ask_a_fork();
      if (own_stop_signal() != SIGTERM) return false;
    }
    return stop_signal() == SIGTERM;  // whoever was asked stays so
  });
  expect_in_fresh_process([] {
    catch_stop_signals();
    std::raise(SIGHUP);
    const SharedSignals shared;
    return stop_signal() == SIGHUP;  // it came before
  });
}

TEST(StopSignal, OneThatIsNotSharedAsksOneProcess) {
  expect_in_fresh_process([] {
    catch_stop_signals();
    ask_a_fork();
    { const SharedSignals shared; }
    ask_a_fork();
    return stop_signal() == 0;
  });
}

TEST(Process, TheEnvironmentCannotTakeThreadsAway) {
  expect_in_fresh_process([] {
    for (const char* name : {"OMP_DYNAMIC", "OMP_DYNAMIC_ALL", "OMP_NESTED", "OMP_MAX_ACTIVE_LEVELS",
                             "OMP_THREAD_LIMIT", "OMP_THREAD_LIMIT_ALL", "OMP_NUM_THREADS_ALL"})
      setenv(name, "1", 1);
    setenv("OMP_NUM_THREADS", "1", 1);
    prepare_process(3);
    for (const char* name : {"OMP_DYNAMIC", "OMP_DYNAMIC_ALL", "OMP_NESTED", "OMP_MAX_ACTIVE_LEVELS",
                             "OMP_THREAD_LIMIT", "OMP_THREAD_LIMIT_ALL", "OMP_NUM_THREADS_ALL"})
      if (std::getenv(name)) return false;
    return std::string(std::getenv("OMP_NUM_THREADS")) == "3";
  });
}

TEST(Process, HowThreadsWaitStaysAsTheEnvironmentHasIt) {
  expect_in_fresh_process([] {
    setenv("OMP_WAIT_POLICY", "active", 1);
    prepare_process(1);
    return std::string(std::getenv("OMP_WAIT_POLICY")) == "active";
  });
}

}  // namespace
}  // namespace figment
