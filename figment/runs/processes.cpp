// Tested by tests/processes_test.cpp.
#include "figment/runs/processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/runs/threads.h"
#include "figment/training/shared_memory.h"

namespace figment {
namespace {

constexpr int kLook = 100;           // milliseconds between looks at the processes
constexpr double kSecondsToEnd = 5;  // for the others after the first has failed

/// The errors that go from a process to the one that started it, most telling first: where one of them fails, another
/// sees only that it is gone.
struct Kind {
  bool (*is)(const std::exception&);
  void (*raise)(const std::string&);
};
template <class E>
bool is(const std::exception& error) {
  return dynamic_cast<const E*>(&error) != nullptr;
}
template <class E>
[[noreturn]] void raise_as(const std::string& sentence) {
  throw E(sentence);
}
constexpr Kind kKinds[] = {
    {is<TrainingDiverged>, raise_as<TrainingDiverged>},
    {is<ConfigError>, raise_as<ConfigError>},
    {is<DataError>, raise_as<DataError>},
    {is<FileError>, raise_as<FileError>},
    {is<CheckpointError>, raise_as<CheckpointError>},
    {is<ShapeError>, raise_as<ShapeError>},
    {is<std::bad_alloc>, [](const std::string&) { throw std::bad_alloc(); }},
    {is<std::system_error>, [](const std::string& said) { throw FileError("the system refused: " + said); }},
    {[](const std::exception& e) { return !is<Error>(e); }, raise_as<std::runtime_error>},
    {[](const std::exception& e) { return is<RunError>(e) && !is<ProcessGone>(e); }, raise_as<RunError>},
    {is<Interrupted>,
     [](const std::string& said) { throw Interrupted(stop_signal() != 0 ? stop_signal() : SIGTERM, said); }},
    {[](const std::exception&) { return true; }, raise_as<ProcessGone>},
};

/// The end of a pipe into which a process writes a line for each thing it has to say.
class Line final : public EventSink {
 public:
  explicit Line(int descriptor) : descriptor_(descriptor) {}
  void take(const Event& event) override { write(to_json(event)); }
  void write(const Json& json) const {
    const std::string line = json_text(json) + "\n";
    for (size_t done = 0; done < line.size();) {
      const ssize_t now = ::write(descriptor_, line.data() + done, line.size() - done);
      if (now < 0 && errno != EINTR) _exit(1);  // whoever started this process is gone
      done += size_t(std::max<ssize_t>(0, now));
    }
  }

 private:
  int descriptor_;
};

/// The life of one of the processes, which ends here: nothing may unwind into the code that forked. Its work is done by
/// a thread that begins after the fork, since OpenMP believes of the one that was forked that it still has helpers.
[[noreturn]] void live(SharedMemory& memory, int rank, int threads, int descriptor,
                       const std::function<void(EventSink&)>& work) noexcept {
  for (const int signal : {SIGINT, SIGHUP})
    std::signal(signal, SIG_IGN);  // a terminal's: the one that forked hears them for all
  std::thread([&]() noexcept {
    Line line(descriptor);
    const auto tell = [&](const std::exception& error) {
      const auto kind = std::ranges::find_if(kKinds, [&](const Kind& one) { return one.is(error); });
      line.write({{"error", kind - std::begin(kKinds)}, {"text", error.what()}});
    };
    try {
      use_threads(threads);
      set_world(memory.join(rank));
      work(line);
      set_world(nullptr);
      _exit(0);  // no destructors: streams and files belong to the process that forked
    } catch (const std::exception& error) { tell(error); } catch (...) {
      tell(std::runtime_error("an error without a sentence"));
    }
    _exit(1);
  }).join();
  _exit(1);
}

/// A process as the one that started it sees it.
struct Child {
  pid_t id = 0;
  int descriptor = -1;
  std::string rest = {};            ///< of a line that is still to come
  std::optional<size_t> kind = {};  ///< of the error that it told
  std::string sentence = {};
  std::optional<int> status = {};  ///< once it has ended
  bool ended_by_us = false;
  bool failed() const { return status && *status != 0; }
};

/// All of them; none outlives this.
class Children {
 public:
  explicit Children(int count) : memory_(count) {}
  void start(int count, int threads, const std::function<void(EventSink&)>& work) {
    const pid_t parent = getpid();
    for (int rank = 0; rank < count; ++rank) {
      int ends[2];
      if (pipe2(ends, O_CLOEXEC) != 0) refuse(count);
      const pid_t id = fork();
      if (id == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        close(ends[0]);
        for (const Child& older : all_) close(older.descriptor);
        live(memory_, rank, threads, ends[1], work);
      }
      const int reason = errno;
      close(ends[1]);
      if (id < 0) {
        close(ends[0]);
        errno = reason;
        refuse(count);
      }
      all_.push_back({.id = id, .descriptor = ends[0]});
    }
  }
  ~Children() { end(); }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  /// Until all have ended.
  void watch(EventSink& listener) {
    std::optional<double> failed_at;
    while (std::ranges::any_of(all_, [](const Child& child) { return !child.status; })) {
      hear(listener);
      if (!failed_at && std::ranges::any_of(all_, &Child::failed)) {
        failed_at = steady_seconds();
        memory_.say_gone();
      }
      if (failed_at && steady_seconds() - *failed_at > kSecondsToEnd) end();
    }
  }

  /// What the first that failed says, where one did.
  void raise() const {
    const int count = int(all_.size());
    for (int rank = 0; rank < count; ++rank) {
      const Child& child = all_[size_t(rank)];
      if (child.failed() && !child.kind && !child.ended_by_us)
        throw RunError(
            WIFSIGNALED(*child.status)
                ? fmt::format("process {} of {} was killed ({}), so the others were ended", rank, count,
                              strsignal(WTERMSIG(*child.status)))
                : fmt::format("process {} of {} ended without a word, so the others were ended", rank, count));
    }
    for (size_t kind = 0; kind < std::size(kKinds); ++kind)
      for (const Child& child : all_)
        if (child.kind == kind) kKinds[kind].raise(child.sentence);
    if (std::ranges::any_of(all_, &Child::failed))
      throw RunError(fmt::format("one of {} processes failed without a word", count));
  }

 private:
  [[noreturn]] static void refuse(int count) {
    const int reason = errno;
    throw FileError(
        fmt::format("cannot start {} processes: {}; end other programs and begin again, or train a new run "
                    "with training.processes=1",
                    count, std::strerror(reason)));
  }

  void hear(EventSink& listener) {
    std::vector<pollfd> open;
    for (const Child& child : all_)
      if (child.descriptor >= 0) open.push_back({.fd = child.descriptor, .events = POLLIN});
    poll(open.data(), open.size(), kLook);
    for (Child& child : all_) {
      const auto ready = std::ranges::find(open, child.descriptor, &pollfd::fd);
      if (ready != open.end() && ready->revents != 0) read(child, listener);
      int status = 0;
      if (child.status || child.descriptor >= 0) continue;
      // Where somebody else waits for all children, as a program may that ignores SIGCHLD, what it said must do.
      child.status = waitpid(child.id, &status, 0) == child.id ? status : child.kind ? 1 : 0;
    }
  }

  static void read(Child& child, EventSink& listener) {
    char bytes[1 << 16];
    const ssize_t count = ::read(child.descriptor, bytes, sizeof bytes);
    if (count <= 0) {
      close(std::exchange(child.descriptor, -1));
      return;
    }
    child.rest.append(bytes, size_t(count));
    for (size_t end; (end = child.rest.find('\n')) != std::string::npos; child.rest.erase(0, end + 1)) {
      const Json json = parse_json(child.rest.substr(0, end), "another process");
      if (json.contains("error"))
        child.kind = json["error"].get<size_t>(), child.sentence = json["text"].get<std::string>();
      else
        listener.take(event_from_json(json, "another process"));
    }
  }

  void end() {
    for (Child& child : all_) {
      if (child.descriptor >= 0) close(std::exchange(child.descriptor, -1));
      if (child.status) continue;
      kill(child.id, SIGKILL);
      int status = 0;
      waitpid(child.id, &status, 0);
      child.status = status;
      child.ended_by_us = true;
    }
  }

  const SharedSignals signals_ = {};
  SharedMemory memory_;
  std::vector<Child> all_;
};

}  // namespace

void in_processes(int count, int threads, EventSink& listener, const std::function<void(EventSink& listener)>& work) {
  Children children(count);
  children.start(count, threads, work);
  children.watch(listener);
  children.raise();
}

}  // namespace figment
