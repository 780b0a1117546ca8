#pragma once
// What a rank has to tell another: new values of masters that the other has copies of, and signals to its masters. Each is
// noted once however often it comes up before it leaves, and a value is read when it leaves. So what is under way stays
// bounded and fresh however fast updates run: the next batch has the news of all that ran while the last one travelled.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/types.hpp"

namespace gasket {

class Outbox {
 public:
  struct Push {
    LocalId vertex;
    LocalId position;  // of the copy, among those the other has of ours
  };

  /// Memory: a byte per copy that the other rank has of our masters, 8 per ghost of its masters, and what is noted.
  Outbox(std::size_t copies, std::size_t ghosts) : pushed_(copies), signalled_(ghosts) {
    for (std::uint64_t& priority : signalled_) priority = kNone;
  }

  /// By any worker, after the value was written.
  void push(Push push) {
    if (std::atomic_ref(pushed_[push.position]).exchange(1, std::memory_order_acq_rel) != 0) return;
    const std::lock_guard lock(guard_);
    pushes_.push_back(push);
    noted_.fetch_add(1);
  }
  /// By any worker, after the pushes that the signal is about. `ghost` counts the other rank's masters that we have copies of.
  void signal(LocalId ghost, std::uint64_t priority) {
    const std::atomic_ref word(signalled_[ghost]);
    std::uint64_t seen = word.load(std::memory_order_relaxed);
    while (!word.compare_exchange_weak(seen, std::min(seen, priority), std::memory_order_acq_rel))
      ;
    if (seen != kNone) return;
    const std::lock_guard lock(guard_);
    signals_.push_back(ghost);
    noted_.fetch_add(1);
  }
  /// Nothing is noted. Exact when no worker runs.
  bool empty() const { return noted_.load() == 0; }

  /// Calls send_push(push) and then send_signal(ghost, priority) for all that is noted. By one thread at a time.
  template <class SendPush, class SendSignal>
  void drain(const SendPush& send_push, const SendSignal& send_signal) {
    // Signals leave the notes first: the pushes that they are about are noted by then, and go before them.
    take(signals_, leaving_signals_);
    priorities_.clear();
    for (const LocalId ghost : leaving_signals_)
      priorities_.push_back(std::atomic_ref(signalled_[ghost]).exchange(kNone, std::memory_order_acq_rel));
    take(pushes_, leaving_pushes_);
    for (const Push& push : leaving_pushes_) {
      std::atomic_ref(pushed_[push.position]).exchange(0, std::memory_order_acq_rel);
      send_push(push);
    }
    for (std::size_t i = 0; i < leaving_signals_.size(); ++i) send_signal(leaving_signals_[i], priorities_[i]);
    noted_.fetch_sub(leaving_pushes_.size() + leaving_signals_.size());
  }

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  template <class T>
  void take(std::vector<T>& notes, std::vector<T>& leaving) {
    leaving.clear();
    const std::lock_guard lock(guard_);
    leaving.swap(notes);
  }

  BigArray<std::uint8_t> pushed_;
  BigArray<std::uint64_t> signalled_;  // the lowest priority
  std::mutex guard_;
  std::vector<Push> pushes_, leaving_pushes_;
  std::vector<LocalId> signals_, leaving_signals_;
  std::vector<std::uint64_t> priorities_;  // of those that leave
  std::atomic<std::size_t> noted_{0};
};

}  // namespace gasket
