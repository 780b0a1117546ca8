#pragma once
// Readers/writer locks on blocks of masters, for requests that wait without a thread. A request takes its blocks one after
// the other in ascending order; where one is held by others it stays in that block's queue, and whoever releases the block
// takes the request on. Queues are first come, first served: a reader does not overtake a writer that waits.
//
// All ranks take locks in ascending order of (rank, block), so requests can not wait for each other in a circle
// (Havender, IBM Systems Journal 7, 1968).

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "partition/types.hpp"

namespace gasket {

struct LockRequest {
  struct Item {
    std::uint32_t block;
    bool write;
  };
  std::vector<Item> items;  // ascending by block, each once
  std::size_t held = 0;     // of items, from the first
  // Whose it is, for those who get it back and for diagnosis.
  bool remote = false;
  std::uint32_t index = 0;

  bool waits() const { return held < items.size(); }

 private:
  friend class LockTable;
  LockRequest* next = nullptr;  // in the queue of items[held]
};

class LockTable {
 public:
  /// Blocks of 2^shift vertices. Memory: 24 bytes per block.
  LockTable(std::size_t vertices, int shift);

  std::uint32_t block_of(LocalId v) const { return v >> shift_; }
  /// Adds the lock of a vertex at the end of a request; vertices are added in ascending order.
  void add(LockRequest& request, LocalId v, bool write) const;

  /// True when the request holds all its items; else it waits, and must not be touched until it comes back. By any worker.
  bool acquire(LockRequest& request);
  /// Lets go of all items. Calls resume(request) for each that thereby got its last one. By any worker.
  template <class Resume>
  void release(LockRequest& request, const Resume& resume) {
    std::vector<LockRequest*> granted;
    for (const LockRequest::Item& item : request.items) release_one(item, granted);
    request.items.clear();
    request.held = 0;
    for (LockRequest* next : granted)
      if (acquire(*next)) resume(*next);
  }

 private:
  struct Lock {
    std::atomic<std::uint32_t> state{0};  // readers, and two bits
    LockRequest* first = nullptr;         // the queue; with the stripe's flag held
    LockRequest* last = nullptr;
  };
  static constexpr std::uint32_t kWriter = std::uint32_t{1} << 31;
  static constexpr std::uint32_t kWaiters = std::uint32_t{1} << 30;
  static constexpr std::size_t kStripes = 1024;
  class StripeGuard;

  static bool try_take(Lock& lock, bool write, bool past_waiters);
  bool take_or_wait(LockRequest& request);
  void release_one(const LockRequest::Item& item, std::vector<LockRequest*>& granted);
  static bool let_go(Lock& lock, bool write);

  int shift_;
  std::vector<Lock> locks_;
  std::unique_ptr<std::atomic_flag[]> stripes_;
};

}  // namespace gasket
