// Processes that a launcher starts, each on its machine, train one model: here the machines are addresses of the
// loopback and folders of their own.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdio>
#include <functional>
#include <stop_token>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/data/conform.h"
#include "figment/training/gloo.h"
#include "tests/program_folder.h"
#include "tests/same_bytes.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Words = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

/// A socket for a port of this machine.
class Socket {
 public:
  explicit Socket(int port) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(uint16_t(port));
    address_.sin_addr.s_addr = htonl(INADDR_ANY);
  }
  ~Socket() { close(descriptor_); }
  Socket(const Socket&) = delete;
  bool binds() const { return bind(descriptor_, generic(), sizeof address_) == 0; }
  bool connects() const { return connect(descriptor_, generic(), sizeof address_) == 0; }

 private:
  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&address_); }
  int descriptor_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address_ = {};
};

/// One of the ports that jobs of Slurm get here.
int free_port() {
  static int tried = int(getpid());
  for (;;)
    if (const int port = 15000 + ++tried % 10000; Socket(port).binds()) return port;
}

Environment started(int rank, int port, int size = 2) {
  return {{"RANK", std::to_string(rank)},
          {"WORLD_SIZE", std::to_string(size)},
          {"MASTER_ADDR", "127.0.0.1"},
          {"MASTER_PORT", std::to_string(port)}};
}

/// Waits until one of the programs has ended, and says which.
size_t first_to_end(const std::vector<testing::Program*>& programs) {
  for (;;)
    for (size_t i = 0; i < programs.size(); ++i) {
      siginfo_t state{};
      waitid(P_PID, id_t(programs[i]->id()), &state, WEXITED | WNOHANG | WNOWAIT);
      if (state.si_pid == programs[i]->id()) return i;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

/// A process that does this and ends with the one that made it.
class Forked {
 public:
  explicit Forked(const std::function<void()>& work) : id_(fork()) {
    if (id_ != 0) return;
    alarm(60);
    try {
      work();
    } catch (...) { _exit(1); }
    _exit(0);
  }
  ~Forked() { end(); }
  Forked(const Forked&) = delete;
  void end() {
    if (id_ == 0) return;
    kill(id_, SIGKILL);
    waitpid(std::exchange(id_, 0), nullptr, 0);
  }

 private:
  pid_t id_;
};

class Machines : public testing::ProgramFolder {
 protected:
  void SetUp() override {
    ProgramFolder::SetUp();
    fs::create_directories(second_);
    testing::write_tiny_data(second_ / "data");
  }

  Words train(const std::string& out, const Words& more = {}) const {
    Words words = {"train", "vae", "--data", "data", "--out", out};
    words.insert(words.end(), testing::kTinyTraining.begin(), testing::kTinyTraining.end());
    for (const char* set : {"training.images=4000", "training.checkpoint_every=200", "training.evaluate_every=280",
                            "training.preview_every=3000", "training.average_half_life=500"})
      words.insert(words.end(), {"--set", set});
    return joined(words, more);
  }
  /// What both say in the end. `second`: where the second runs.
  std::pair<testing::Finished, testing::Finished> both(const Words& words, const fs::path& second,
                                                       const Words& words_of_second = {}) const {
    const int port = free_port();
    testing::Program one(words, started(0, port), folder_),
        other(words_of_second.empty() ? words : words_of_second, started(1, port), second);
    testing::Finished last = other.wait();
    return {one.wait(), std::move(last)};
  }

  /// Of the second machine.
  void change_image_of(Split split) const {
    const fs::path images = second_ / "data/train-images-idx3-ubyte";
    std::string bytes = read_file(images);
    char& pixel = bytes[size_t(16 + 64 * rows_of(split, 400, {}).front())];
    pixel = char(pixel ^ 1);
    write_file(images, bytes);
  }

  const fs::path second_ = folder_ / "second";  // of the second machine
};

TEST_F(Machines, TrainWhatAsManyProcessesOfOneMachineDo) {
  ASSERT_EQ(figment(train("alone", {"--processes", "2"})).code, 0);
  const int port = free_port();
  std::vector<Environment> environments;
  for (int rank = 0; rank < 2; ++rank) {
    environments.push_back(started(rank, port));
    environments.back()["GLOO_SOCKET_IFNAME"] = fmt::format("127.0.0.{}", 1 + rank);
  }
  testing::Program one(train("there"), environments[0], folder_), other(train("there"), environments[1], second_);
  const testing::Finished said = other.wait(), first = one.wait();
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(first.out, "there/0001-vae\n");
  EXPECT_EQ(said.out + said.err, "") << "process 0 speaks for all";
  EXPECT_EQ(std::distance(fs::directory_iterator(second_), fs::directory_iterator()), 1) << "it wrote beside its data";
  EXPECT_EQ(testing::tensors_in(folder_ / "there/0001-vae"), testing::tensors_in(folder_ / "alone/0001-vae"));
  EXPECT_THAT(read_file(folder_ / "there/0001-vae/manifest.json"), HasSubstr(R"("processes": 2)"));
}

TEST_F(Machines, KilledOrStoppedTheyGoOnToTheSameBytes) {
  ASSERT_EQ(figment(train("alone", {"--processes", "2"})).code, 0);
  const auto expected = testing::tensors_in(folder_ / "alone/0001-vae");
  for (const std::string who : {"writer", "other", "asked"}) {
    testing::Finished second;
    double taken = 0;
    const testing::Finished first = testing::interrupted([&] {
      fs::remove_all(folder_ / who);
      const int port = free_port();
      testing::Program one(train(who, {"--json"}), started(0, port), folder_),
          other(train(who, {"--json"}), started(1, port), second_);
      if (one.says(R"("event":"checkpoint","images":600)")) {
        if (who == "writer") one.send(SIGKILL);
        if (who == "other") other.send(SIGKILL);
        if (who == "asked") other.send(SIGTERM);
      }
      const double before = steady_seconds();
      testing::Finished end = one.wait();
      second = other.wait();
      taken = steady_seconds() - before;
      return end;
    });
    EXPECT_LT(taken, 60) << who;
    EXPECT_EQ(first.code, who == "writer" ? 128 + SIGKILL : who == "other" ? 2 : 128 + SIGTERM) << first.err;
    EXPECT_EQ(second.code, who == "writer" ? 2 : who == "other" ? 128 + SIGKILL : 128 + SIGTERM) << second.err;
    if (who == "writer") EXPECT_THAT(second.err, HasSubstr("process 1 of 2 had no answer from another one"));
    if (who == "other")
      EXPECT_THAT(first.err, AllOf(HasSubstr("process 0 of 2 had no answer from another one"), HasSubstr("127.0.0.1")));
    if (who == "asked") EXPECT_THAT(first.err, HasSubstr("stopped and saved after "));
    const auto resumed = both({"resume", who + "/0001-vae"}, folder_);
    EXPECT_EQ(resumed.first.code, 0) << resumed.first.err;
    EXPECT_EQ(resumed.second.code, 0) << resumed.second.err;
    EXPECT_EQ(testing::tensors_in(folder_ / who / "0001-vae"), expected) << who;
  }
}

/// Two network namespaces with a cable between them, which is pulled out when there is a checkpoint. Prints the exit
/// codes and how many seconds it took.
constexpr const char* kPulledCable = R"sh(
set -e
ip link set lo up
unshare -n sleep 600 &
second=$!
trap 'kill $second' EXIT
there() { nsenter -t $second -n "$@"; }
until [ "$(readlink /proc/$second/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.1; done
ip link add first type veth peer name second netns $second
ip addr add 10.9.0.1/24 dev first
ip link set first up
there ip addr add 10.9.0.2/24 dev second
there ip link set second up
export WORLD_SIZE=2 MASTER_ADDR=10.9.0.1 MASTER_PORT=29500
RANK=0 "$@" > first.out 2> first.err &
one=$!
cd second
RANK=1 there "$@" > ../second.out 2> ../second.err &
other=$!
cd ..
until grep -q '"event":"checkpoint","images":200' first.out; do kill -0 $one; sleep 0.05; done
there ip link set second down
begun=$SECONDS first=0 last=0
wait $one || first=$?
wait $other || last=$?
echo $first $last $((SECONDS - begun))
)sh";

TEST_F(Machines, AMachineThatFallsSilentEndsTheOthers) {
  if (testing::run_command({"unshare", "-rn", "ip", "link"}).code != 0)
    GTEST_SKIP() << "no network namespaces can be made here";
  Words words = {"unshare", "-rn", "bash", "-c", kPulledCable, "bash", FIGMENT_PROGRAM};
  words = joined(words, train("out", {"--set", "training.images=1e8", "--json"}));
  const auto end = testing::run_command(words, {}, folder_);
  ASSERT_EQ(end.code, 0) << end.err << read_file(folder_ / "first.err") << read_file(folder_ / "second.err");
  int first = 0, last = 0, seconds = 0;
  ASSERT_EQ(std::sscanf(end.out.c_str(), "%d %d %d", &first, &last, &seconds), 3) << end.out;
  EXPECT_EQ(first, 2);
  EXPECT_EQ(last, 2);
  EXPECT_LE(seconds, 10);
  for (const char* file : {"first.err", "second.err"})
    EXPECT_THAT(read_file(folder_ / file), HasSubstr("had no answer from another one"));
  EXPECT_EQ(figment({"evaluate", "1", "--out", "out"}).code, 0) << "the last checkpoint is whole";
}

/// The port that a step of Slurm gets.
int port_of(int job, int step) { return 15000 + (job * 101 + step) % 10000; }

/// A job of Slurm whose second step, and the first step of the next job, find their ports free here.
int free_job() {
  int job = 1'000'000 + int(getpid());
  while (!Socket(port_of(job, 1)).binds() || !Socket(port_of(job + 1, 0)).binds()) ++job;
  return job;
}

TEST_F(Machines, SlurmNamesMachinesJobAndStepAndNoPort) {
  Words words = {"train", "classifier", "--data", "data"};
  for (const char* set : {"training.images=200", "training.batch_size=40", "training.precision=fp32", "model.width=4",
                          "model.features=8"})
    words.insert(words.end(), {"--set", set});
  const auto task = [&](int job, int step, int rank) -> Environment {
    return {{"SLURM_STEP_NUM_TASKS", "2"},
            {"SLURM_PROCID", std::to_string(rank)},
            {"SLURM_STEP_NODELIST", "127.0.0.[1-2,7],gate"},
            {"SLURM_JOB_ID", std::to_string(job)},
            {"SLURM_STEP_ID", std::to_string(step)},
            {"GLOO_SOCKET_IFNAME", "lo"}};
  };
  const int job = free_job();
  const Words next = joined(words, {"--seed", "2"});
  testing::Program one(words, task(job, 1, 0), folder_), other(words, task(job, 1, 1), second_),
      one_of_next(next, task(job + 1, 0, 0), folder_), other_of_next(next, task(job + 1, 0, 1), second_);
  for (testing::Program* program : {&one, &other, &one_of_next, &other_of_next}) {
    const testing::Finished end = program->wait();
    EXPECT_EQ(end.code, 0) << end.err;
  }
  for (const char* run : {"runs/0001-classifier", "runs/0002-classifier"})
    EXPECT_THAT(read_file(folder_ / run / "manifest.json"), HasSubstr(R"("processes": 2)"));
}

TEST_F(Machines, OneOfSeveralTasksOfSlurmTrainsAloneWhereItIsTold) {
  const auto end =
      testing::run(train("out"), {{"SLURM_STEP_NUM_TASKS", "4"}, {"SLURM_PROCID", "3"}, {"WORLD_SIZE", "1"}}, folder_);
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(read_file(folder_ / "out/0001-vae/manifest.json"), HasSubstr(R"("processes": 1)"));
}

TEST_F(Machines, ThoseOfAnotherStartThatComeToTheSamePortDoNotMix) {
  const auto place = [port = free_port()](int rank, const char* id, double seconds) -> Rendezvous {
    return {.rank = rank, .size = 2, .address = "127.0.0.1", .port = port, .id = id, .seconds = seconds};
  };
  const Forked stranger([&] { join_world(place(1, "8.0", 30)); });
  EXPECT_THAT([&] { join_world(place(0, "7.1", 3)); },
              ThrowsMessage<RunError>(HasSubstr("1 of the 2 did not come: number 1")));
}

TEST_F(Machines, WhatATrainingAgreedOnIsForgottenWithIt) {
  const auto agreed = [port = free_port()](int rank) {
    const Membership together({.rank = rank, .size = 2, .address = "127.0.0.1", .port = port});
    std::stop_source source;
    const StopRequest request(source.get_token());
    if (rank == 1) source.request_stop();
    world().sum({});
    return stop_signal();
  };
  const Forked asked([&] { agreed(1); });
  EXPECT_EQ(agreed(0), SIGTERM);
  EXPECT_EQ(stop_signal(), 0) << "the next call of this process is stopped";
}

TEST_F(Machines, WhoeverIsAskedToStopIsStoppedThoughAnotherIsGone) {
  const auto join = [port = free_port()](int rank) {
    return join_world({.rank = rank, .size = 2, .address = "127.0.0.1", .port = port});
  };
  Forked other([&] {
    const auto there = join(1);
    there->sum({});
    pause();
  });
  const auto here = join(0);
  here->sum({});
  other.end();
  const auto said = HasSubstr("where there is a checkpoint, `figment resume` goes on from it");
  EXPECT_THAT([&] { here->sum({}); }, ThrowsMessage<ProcessGone>(said));
  std::stop_source source;
  const StopRequest request(source.get_token());
  source.request_stop();
  EXPECT_THAT([&] { here->sum({}); }, ThrowsMessage<Interrupted>(said));
}

TEST_F(Machines, WhoeverWasStartedForAnotherTrainingSaysInWhatItDiffers) {
  const auto recipes = both(train("out"), second_, train("out", {"--set", "training.seed=2"}));
  EXPECT_EQ(recipes.second.code, 2);
  EXPECT_THAT(recipes.second.err, AllOf(HasSubstr("it has (seed = 2), process 0 has (seed = 1)"),
                                        HasSubstr("--set training.precision=fp32"), HasSubstr("WORLD_SIZE=1")));
  EXPECT_EQ(recipes.first.code, 2);
  EXPECT_THAT(recipes.first.err, HasSubstr("process 1 of 2 was not started for the training of process 0"));

  for (const auto& [split, differs] : {std::pair(Split::kValidation, "process 0 has (validation images "),
                                       {Split::kTrain, "process 0 has (training images "}}) {
    change_image_of(split);
    const auto data = both(train("out"), second_);
    EXPECT_EQ(data.second.code, 2);
    EXPECT_THAT(data.second.err, HasSubstr(differs));
    EXPECT_EQ(data.first.code, 2);
  }
  EXPECT_FALSE(fs::exists(folder_ / "out")) << "nothing was begun";
}

TEST_F(Machines, ARunIsResumedByAsManyAndWhereAllReachIt) {
  ASSERT_EQ(figment(train("out", {"--processes", "2"})).code, 0);
  const std::string run = "out/0001-vae";
  const auto alone = testing::run({"resume", run}, started(1, free_port()), second_);
  EXPECT_EQ(alone.code, 2) << "there is no such run";

  fs::create_directories(second_ / "out");
  fs::copy(folder_ / run, second_ / run, fs::copy_options::recursive);
  fs::remove_all(second_ / run / "checkpoints");
  fs::create_directory(second_ / run / "checkpoints");
  const Words longer = {"resume", run, "--images", "4400"};
  const auto stale = both(longer, second_);
  EXPECT_EQ(stale.second.code, 2);
  EXPECT_EQ(stale.first.code, 2);
  EXPECT_THAT(stale.second.err, HasSubstr("images = ")) << "process 0 has written another length";

  const auto same = both({"resume", run}, folder_);
  EXPECT_EQ(same.first.code, 0) << same.first.err;
  EXPECT_EQ(same.second.code, 0) << same.second.err;
}

TEST_F(Machines, ARunGoesOnByAsManyAsWereStartedWhereThisIsAskedFor) {
  ASSERT_EQ(figment(train("out")).code, 0);
  const std::string run = "out/0001-vae", recipe = read_file(folder_ / run / "recipe.toml");
  const Words longer = {"resume", run, "--images", "4400"};
  for (const auto& [more, has] : {std::pair(Words{}, 1), {{"--processes", "3"}, 3}}) {
    const auto refused = both(joined(longer, more), folder_);
    for (const auto& end : {refused.first, refused.second}) {
      EXPECT_EQ(end.code, 2);
      EXPECT_THAT(end.err, HasSubstr(fmt::format(
                               "training.processes is {}, and 2 processes were started together; start {}", has, has)));
    }
  }
  const int port = free_port();
  const Words by_three = joined(longer, {"--processes", "3"});
  testing::Program zero(by_three, started(0, port, 3), folder_), one(by_three, started(1, port, 3), folder_),
      two(by_three, started(2, port, 3), folder_);
  EXPECT_EQ(one.wait().code, 2);
  EXPECT_EQ(two.wait().code, 2);
  EXPECT_THAT(zero.wait().err, HasSubstr("3 processes cannot share 20 images equally"));
  EXPECT_EQ(read_file(folder_ / run / "recipe.toml"), recipe) << "what is refused changes nothing";

  const auto by_two = both(joined(longer, {"--processes", "2"}), folder_);
  EXPECT_EQ(by_two.first.code, 0) << by_two.first.err;
  EXPECT_EQ(by_two.second.code, 0) << by_two.second.err;
  EXPECT_THAT(read_file(folder_ / run / "manifest.json"), HasSubstr(R"("processes": 2)"));
}

TEST_F(Machines, EachReadsTheImagesWhereItIsToldOnResumeToo) {
  ASSERT_EQ(figment(train("out", {"--processes", "2"})).code, 0);
  fs::rename(folder_ / "data", folder_ / "elsewhere");
  const Words longer = {"resume", (folder_ / "out/0001-vae").string(), "--images", "4400"};
  const Words of_first = joined(longer, {"--data", "elsewhere"}), of_second = joined(longer, {"--data", "data"});
  const auto same = both(of_first, second_, of_second);
  EXPECT_EQ(same.first.code, 0) << same.first.err;
  EXPECT_EQ(same.second.code, 0) << same.second.err;

  change_image_of(Split::kTrain);
  const auto others = both({"resume", longer[1], "--images", "4800"}, second_,
                           {"resume", longer[1], "--images", "4800", "--data", "data"});
  EXPECT_EQ(others.first.code, 2);
  EXPECT_EQ(others.second.code, 2);
  EXPECT_THAT(others.second.err, AllOf(HasSubstr("second/data"), HasSubstr("is not what the run began with")));
}

TEST_F(Machines, WhoeverDoesNotComeIsNamedWithItsAddressAndHowLongWasWaited) {
  const int port = free_port();
  EXPECT_THAT(
      [&] { join_world({.rank = 1, .size = 2, .address = "127.0.0.2", .port = port, .seconds = 1}); },
      ThrowsMessage<RunError>(HasSubstr(fmt::format("no answer from process 0 at 127.0.0.2:{} within 1 s", port))));
  EXPECT_THAT([&] { join_world({.rank = 0, .size = 4, .address = "127.0.0.1", .port = port, .seconds = 1}); },
              ThrowsMessage<RunError>(HasSubstr(
                  fmt::format("waited 1 s at 127.0.0.1:{}, and 3 of the 4 did not come: numbers 1, 2 and 3", port))));
}

TEST_F(Machines, ASignalEndsTheWaiting) {
  const int port = free_port();
  testing::Program waits(train("out"), started(0, port), folder_);
  for (int i = 0; i < 1000 && !Socket(port).connects(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  waits.send(SIGTERM);
  const testing::Finished end = waits.wait();
  EXPECT_EQ(end.code, 128 + SIGTERM);
  EXPECT_THAT(end.err, HasSubstr("stopped before there was anything to save"));
}

TEST_F(Machines, TwoOfTheSameNumberAreRefused) {
  const int port = free_port();
  testing::Program zero(train("out"), started(0, port, 3), folder_), one(train("out"), started(1, port, 3), folder_),
      again(train("out"), started(1, port, 3), folder_);
  const auto end = first_to_end({&one, &again}) == 0 ? one.wait() : again.wait();
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.err, HasSubstr(fmt::format("two processes came to 127.0.0.1:{} as number 1 of 3", port)));
}

TEST_F(Machines, WordsThatContradictEachOtherAreRefusedAtOnce) {
  const Environment good = started(0, free_port());
  const auto said = [&](const Words& words, Environment environment) {
    const auto end = testing::run(words, environment, folder_);
    EXPECT_EQ(end.code, 2) << end.err;
    return end.err;
  };
  const auto with = [&](const std::string& name, const std::string& value) {
    Environment other = good;
    other[name] = value;
    return other;
  };
  EXPECT_THAT(said(train("out", {"--processes", "2"}), good), HasSubstr("--processes 2 beside 2 processes"));
  EXPECT_THAT(said(train("out", {"--set", "training.processes=3"}), good), HasSubstr("training.processes is 3"));
  EXPECT_THAT(said(train("out"), with("RANK", "")), HasSubstr("the environment has WORLD_SIZE and no RANK"));
  EXPECT_THAT(said(train("out"), with("WORLD_SIZE", "two")), HasSubstr("WORLD_SIZE='two'"));
  EXPECT_THAT(said(train("out"), with("RANK", "2")), HasSubstr("got number 2 of 2"));
  EXPECT_THAT(said(train("out"), with("MASTER_PORT", "70000")), HasSubstr("got '127.0.0.1' and 70000"));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(Machines, ALauncherThatStartsOneProcessStartsATrainingAsEver) {
  const auto end = testing::run(train("out"), {{"WORLD_SIZE", "1"}, {"RANK", "0"}}, folder_);
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(read_file(folder_ / "out/0001-vae/manifest.json"), HasSubstr(R"("processes": 1)"));
}

}  // namespace
}  // namespace figment
