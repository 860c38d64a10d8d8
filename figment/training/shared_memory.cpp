#include "figment/training/shared_memory.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdint>
#include <ctime>
#include <functional>
#include <map>
#include <new>
#include <vector>

#include "figment/base/error.h"

namespace figment {
namespace {

constexpr size_t kPage = 4096;
/// What is exchanged at once. Smaller pieces mean more meetings, and larger ones leave the cache of a core.
constexpr int64_t kPieceBytes = int64_t(1) << 21;
constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 100'000'000};  // between looks whether another one is gone

/// Where the processes wait for each other.
struct Meeting {
  std::atomic<uint32_t> arrived = 0;  // of this meeting
  std::atomic<uint32_t> number = 0;   // of meetings that are over; who waits for the end of one sleeps on it
  std::atomic<bool> gone = false;

  /// Until all have arrived.
  void attend(int rank, int size) {
    const uint32_t mine = number.load();
    if (arrived.fetch_add(1) + 1 == uint32_t(size)) {
      arrived.store(0);
      number.fetch_add(1);
      syscall(SYS_futex, &number, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
      return;
    }
    while (number.load() == mine) {
      if (gone.load())
        throw ProcessGone(fmt::format("process {} of {} cannot go on, since another one is gone", rank, size));
      syscall(SYS_futex, &number, FUTEX_WAIT, mine, &kLook, nullptr, 0);
    }
  }
};

static_assert(std::atomic<uint32_t>::is_always_lock_free && sizeof(Meeting) <= kPage);

/// Tensors of one type, laid end to end.
class Row {
 public:
  explicit Row(const std::vector<at::Tensor>& tensors) {
    for (const at::Tensor& t : tensors)
      tensors_.push_back({.to = t, .flat = flat(t), .begin = size_}), size_ += t.numel();
  }
  int64_t size() const { return size_; }

  /// Elements of the row from `begin` on, as many as `to` has.
  void read(int64_t begin, at::Tensor to) const {
    each_part(begin, to.numel(),
              [&](const at::Tensor& part, int64_t at) { to.narrow(0, at, part.numel()).copy_(part); });
  }
  void write(int64_t begin, const at::Tensor& from) {
    each_part(begin, from.numel(),
              [&](const at::Tensor& part, int64_t at) { part.copy_(from.narrow(0, at, part.numel())); });
  }
  /// Where a tensor's elements do not lie together, a copy of them was written.
  void settle() {
    for (const Placed& t : tensors_)
      if (!t.flat.is_alias_of(t.to)) t.to.copy_(t.flat.view(t.to.sizes()));
  }

 private:
  struct Placed {
    at::Tensor to, flat;
    int64_t begin;
  };
  /// In the order of memory, which is the same in all processes.
  static at::Tensor flat(const at::Tensor& t) {
    return t.is_non_overlapping_and_dense() ? t.as_strided({t.numel()}, {1}) : t.reshape(-1);
  }
  template <class Use>
  void each_part(int64_t begin, int64_t count, const Use& use) const {
    for (const Placed& t : tensors_) {
      const int64_t from = std::max(begin, t.begin), to = std::min(begin + count, t.begin + t.flat.numel());
      if (from < to) use(t.flat.narrow(0, from - t.begin, to - from), from - begin);
    }
  }

  std::vector<Placed> tensors_ = {};
  int64_t size_ = 0;
};

class SharedWorld final : public World {
 public:
  SharedWorld(Meeting& meeting, char* pieces, int rank, int size)
      : meeting_(meeting), pieces_(pieces), rank_(rank), size_(size) {}

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void share(const std::vector<at::Tensor>& tensors) override {
    each_piece(tensors, [&](Row& row, int64_t begin, const Pieces& pieces) {
      if (rank_ == 0) row.read(begin, pieces(0));
      meeting_.attend(rank_, size_);
      if (rank_ != 0) row.write(begin, pieces(0));
      meeting_.attend(rank_, size_);
    });
  }

 private:
  /// The piece of each process, which it may write to until the others have come, and behind them the one of all, which
  /// is written to only between two meetings.
  using Pieces = std::function<at::Tensor(int number)>;

  /// Each process adds up its share of the numbers, in the order of the ranks, so the sums are the same in all.
  void add_up(const std::vector<at::Tensor>& tensors) override {
    each_piece(tensors, [&](Row& row, int64_t begin, const Pieces& pieces) {
      row.read(begin, pieces(rank_));
      meeting_.attend(rank_, size_);
      const int64_t count = pieces(size_).numel(), first = count * rank_ / size_, end = count * (rank_ + 1) / size_;
      const auto share = [&](int number) { return pieces(number).narrow(0, first, end - first); };
      at::Tensor sum = share(size_);
      at::add_out(sum, share(0), share(1));
      for (int other = 2; other < size_; ++other) sum.add_(share(other));
      meeting_.attend(rank_, size_);
      row.write(begin, pieces(size_));
    });
  }

  template <class Exchange>
  void each_piece(const std::vector<at::Tensor>& tensors, const Exchange& exchange) {
    const at::NoGradGuard no_grad;
    std::map<at::ScalarType, std::vector<at::Tensor>> by_type;
    for (const at::Tensor& t : tensors) by_type[t.scalar_type()].push_back(t);
    for (const auto& [type, same] : by_type) {
      Row row(same);
      const int64_t most = kPieceBytes / int64_t(c10::elementSize(type));
      for (int64_t begin = 0; begin < row.size(); begin += most)
        exchange(row, begin, [&, count = std::min(most, row.size() - begin)](int number) {
          return at::from_blob(pieces_ + number * kPieceBytes, {count}, type);
        });
      row.settle();
    }
  }

  Meeting& meeting_;
  char* pieces_;
  int rank_, size_;
};

}  // namespace

SharedMemory::SharedMemory(int size) : size_(size), bytes_(kPage + size_t(size + 1) * size_t(kPieceBytes)) {
  memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory_ == MAP_FAILED) throw std::bad_alloc();
  new (memory_) Meeting{};
}

SharedMemory::~SharedMemory() { munmap(memory_, bytes_); }

std::unique_ptr<World> SharedMemory::join(int rank) {
  return std::make_unique<SharedWorld>(*static_cast<Meeting*>(memory_), static_cast<char*>(memory_) + kPage, rank,
                                       size_);
}

void SharedMemory::say_gone() { static_cast<Meeting*>(memory_)->gone = true; }

}  // namespace figment
