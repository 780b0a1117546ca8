#include "engine/scope/lock_table.hpp"

#include "partition/beside.hpp"

namespace gasket {

// Held for a few instructions, by whoever changes a queue.
class LockTable::StripeGuard {
 public:
  StripeGuard(LockTable& table, std::uint32_t block) : flag_(table.stripes_[block % kStripes]) {
    parallel::Backoff backoff;
    while (flag_.test_and_set(std::memory_order_acquire)) backoff.wait();
  }
  ~StripeGuard() { flag_.clear(std::memory_order_release); }
  StripeGuard(const StripeGuard&) = delete;
  StripeGuard& operator=(const StripeGuard&) = delete;

 private:
  std::atomic_flag& flag_;
};

LockTable::LockTable(std::size_t vertices, int shift)
    : shift_(shift), locks_((vertices >> shift) + 1), stripes_(std::make_unique<std::atomic_flag[]>(kStripes)) {}

void LockTable::add(LockRequest& request, LocalId v, bool write) const {
  const std::uint32_t block = block_of(v);
  if (!request.items.empty() && request.items.back().block == block)
    request.items.back().write |= write;
  else
    request.items.push_back({block, write});
}

bool LockTable::acquire(LockRequest& request) {
  while (request.waits()) {
    const LockRequest::Item item = request.items[request.held];
    if (!try_take(locks_[item.block], item.write, false) && !take_or_wait(request)) return false;
    ++request.held;
  }
  return true;
}

bool LockTable::try_take(Lock& lock, bool write, bool past_waiters) {
  std::uint32_t seen = lock.state.load(std::memory_order_relaxed);
  for (;;) {
    if ((seen & kWaiters) != 0 && !past_waiters) return false;
    if ((seen & kWriter) != 0 || (write && (seen & ~kWaiters) != 0)) return false;
    const std::uint32_t wanted = write ? seen | kWriter : seen + 1;
    if (lock.state.compare_exchange_weak(seen, wanted, std::memory_order_acquire, std::memory_order_relaxed))
      return true;
  }
}

bool LockTable::take_or_wait(LockRequest& request) {
  const LockRequest::Item item = request.items[request.held];
  Lock& lock = locks_[item.block];
  const StripeGuard guard(*this, item.block);
  // Once the bit is there nobody lets go without looking at the queue, which we hold.
  const std::uint32_t before = lock.state.fetch_or(kWaiters, std::memory_order_acquire);
  if ((before & kWaiters) == 0 && try_take(lock, item.write, true)) {
    lock.state.fetch_and(~kWaiters, std::memory_order_relaxed);
    return true;
  }
  request.next = nullptr;
  (lock.first == nullptr ? lock.first : lock.last->next) = &request;
  lock.last = &request;
  return false;
}

// False where somebody waits: then the queue must be looked at.
bool LockTable::let_go(Lock& lock, bool write) {
  std::uint32_t seen = lock.state.load(std::memory_order_relaxed);
  do {
    if ((seen & kWaiters) != 0) return false;
  } while (!lock.state.compare_exchange_weak(seen, write ? seen & ~kWriter : seen - 1, std::memory_order_release,
                                             std::memory_order_relaxed));
  return true;
}

void LockTable::release_one(const LockRequest::Item& item, std::vector<LockRequest*>& granted) {
  Lock& lock = locks_[item.block];
  if (let_go(lock, item.write)) return;
  const StripeGuard guard(*this, item.block);
  if (item.write)
    lock.state.fetch_and(~kWriter, std::memory_order_acq_rel);
  else
    lock.state.fetch_sub(1, std::memory_order_acq_rel);
  while (lock.first != nullptr) {
    LockRequest& first = *lock.first;
    if (!try_take(lock, first.items[first.held].write, true)) return;
    lock.first = first.next;
    ++first.held;
    granted.push_back(&first);
  }
  lock.last = nullptr;
  lock.state.fetch_and(~kWaiters, std::memory_order_relaxed);
}

}  // namespace gasket
