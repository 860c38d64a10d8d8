// Runs the built program as a person does, and looks at what it says.
#pragma once
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace figment::testing {

struct Finished {
  int code = 0;          ///< exit code; 128 + signal when a signal ended it
  std::string out, err;  ///< all of stdout and stderr
};

/// A process: started, perhaps sent a signal, waited for.
class Process {
 public:
  /// `environment` is added to this process's own; an empty value removes a name. `folder`: where it runs.
  explicit Process(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment = {},
                   const std::filesystem::path& folder = std::filesystem::current_path()) {
    std::vector<std::string> words = {"/usr/bin/env", "-C", folder.string()};
    for (const auto& [name, value] : environment)
      if (value.empty()) words.insert(words.end(), {"-u", name});
    for (const auto& [name, value] : environment)
      if (!value.empty()) words.push_back(name + "=" + value);
    words.insert(words.end(), command.begin(), command.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fileno(out_.get()), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(err_.get()), STDERR_FILENO);
    posix_spawnattr_t attributes;  // signals that whoever runs the tests ignores are not ignored here
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    sigset_t defaults;
    sigfillset(&defaults);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    const int failed = posix_spawn(&pid_, words.front().c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) throw std::runtime_error("the program cannot be started");
  }
  ~Process() {
    if (pid_ > 0) send(SIGKILL), wait();
  }
  Process(const Process&) = delete;

  pid_t id() const { return pid_; }
  /// Those that its main thread has started and that are there now.
  std::vector<pid_t> children() const {
    std::vector<pid_t> all;
    const std::string id = std::to_string(pid_);
    std::ifstream list("/proc/" + id + "/task/" + id + "/children");
    for (pid_t child; list >> child;) all.push_back(child);
    return all;
  }
  void send(int signal) const { ::kill(pid_, signal); }
  /// Waits until it has written this to stdout; false when it ended without.
  bool says(const std::string& text) const {
    for (;;) {
      siginfo_t state{};
      waitid(P_PID, id_t(pid_), &state, WEXITED | WNOHANG | WNOWAIT);
      if (contents(out_.get()).find(text) != std::string::npos) return true;
      if (state.si_pid == pid_) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  Finished wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), contents(out_.get()),
            contents(err_.get())};
  }

 private:
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

  static std::string contents(std::FILE* file) {
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = pread(fileno(file), buffer, sizeof buffer, off_t(text.size()))) > 0;)
      text.append(buffer, size_t(n));
    return text;
  }

  File out_{std::tmpfile(), std::fclose}, err_{std::tmpfile(), std::fclose};
  pid_t pid_ = -1;
};

/// Whether the process ends within five seconds, or has ended.
inline bool ends(pid_t process) {
  const auto is_there = [&] { return std::filesystem::exists("/proc/" + std::to_string(process) + "/exe"); };
  for (int i = 0; i < 100 && is_there(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return !is_there();
}

/// A process of the program.
class Program : public Process {
 public:
  explicit Program(std::vector<std::string> arguments, const std::map<std::string, std::string>& environment = {},
                   const std::filesystem::path& folder = std::filesystem::current_path())
      : Process((arguments.insert(arguments.begin(), FIGMENT_PROGRAM), arguments), environment, folder) {}
};

/// What `attempt` gives, which starts a program and interrupts it. On a machine that is busy elsewhere the program may
/// have ended first; then it is tried again.
inline Finished interrupted(const std::function<Finished()>& attempt) {
  Finished end = attempt();
  for (int i = 0; end.code == 0 && i < 20; ++i) end = attempt();
  return end;
}

inline Finished run_command(const std::vector<std::string>& command,
                            const std::map<std::string, std::string>& environment = {},
                            const std::filesystem::path& folder = std::filesystem::current_path()) {
  return Process(command, environment, folder).wait();
}

inline Finished run(const std::vector<std::string>& arguments,
                    const std::map<std::string, std::string>& environment = {},
                    const std::filesystem::path& folder = std::filesystem::current_path()) {
  return Program(arguments, environment, folder).wait();
}

/// For what holds for a whole process: runs the current test again in a process of its own, with these words in its
/// environment. There `is_inner()` is true.
inline Finished run_inner(const std::map<std::string, std::string>& environment = {},
                          const std::filesystem::path& folder = std::filesystem::current_path()) {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  std::map<std::string, std::string> all = environment;
  all["FIGMENT_TEST_INNER"] = "1";
  return run_command({std::filesystem::canonical("/proc/self/exe"),
                      std::string("--gtest_filter=") + test->test_suite_name() + "." + test->name()},
                     all, folder);
}
inline bool is_inner() { return std::getenv("FIGMENT_TEST_INNER") != nullptr; }

}  // namespace figment::testing
