#include "engine/async/scheduler.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <deque>
#include <limits>
#include <utility>

namespace gasket {
namespace {

constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

}  // namespace

// What one worker has signalled, or for sweep the ids it begins with.
struct alignas(64) Scheduler::Shard {
  std::mutex guard;
  std::deque<LocalId> queue;                             // fifo
  std::map<std::uint64_t, std::deque<LocalId>> buckets;  // priority; in order of signals, or a star's leaves and
                                                         // centre would take turns for ever
  std::vector<std::uint64_t> pending;                    // sweep: a bit per id from begin on
  std::size_t begin = 0, end = 0, cursor = 0;            // sweep
  std::atomic<std::size_t> size{0};                      // entries
  std::atomic<std::uint64_t> lowest{kNone};              // bucket, with priority
  alignas(64) std::atomic<std::uint64_t> begun{0};       // vertices that this worker made non-idle
  alignas(64) std::atomic<std::uint64_t> ended{0};       // and idle
};

Scheduler::Scheduler(SchedulerKind kind, std::size_t vertices, int workers) : kind_(kind), states_(vertices) {
  const auto count = static_cast<std::size_t>(workers);
  const std::size_t words = (vertices + 63) / 64;
  for (std::size_t w = 0; w < count; ++w) {
    Shard& shard = *shards_.emplace_back(std::make_unique<Shard>());
    shard.begin = words * w / count * 64;
    shard.end = std::min(vertices, words * (w + 1) / count * 64);
    if (kind == SchedulerKind::sweep && shard.begin < shard.end)
      shard.pending.resize((shard.end - shard.begin + 63) / 64);
  }
}

Scheduler::~Scheduler() = default;

void Scheduler::schedule(int worker, LocalId v, std::uint64_t priority) {
  priority = kind_ == SchedulerKind::priority ? std::min(priority, kLowestPriority) : 0;
  const std::atomic_ref<std::uint64_t> state(states_[v]);
  std::atomic<std::uint64_t>& begun = shards_[static_cast<std::size_t>(worker)]->begun;
  std::uint64_t seen = state.load(std::memory_order_relaxed), next = 0;
  bool counted = false;  // before it is scheduled: it may have run and ended before we look again
  // Always a read-modify-write, even of the same word: it is what makes the caller's writes visible to the next run.
  do {
    switch (state_of(seen)) {
      case kIdle:
        if (!std::exchange(counted, true)) begun.fetch_add(1);
        next = word(kQueued, priority);
        break;
      case kRunning:
        next = word(kAgain, priority);
        break;
      case kQueued:
      case kAgain:
        next = word(state_of(seen), std::min(priority, priority_of(seen)));
        break;
      case kTaken:
        next = seen;
        break;
    }
  } while (!state.compare_exchange_weak(seen, next, std::memory_order_acq_rel, std::memory_order_relaxed));
  if (counted && state_of(seen) != kIdle) begun.fetch_sub(1);
  if (state_of(next) == kQueued && next != seen) push(worker, v, priority);
}

void Scheduler::push(int worker, LocalId v, std::uint64_t priority) {
  if (kind_ == SchedulerKind::sweep) {
    const auto owner = std::ranges::find_if(shards_, [&](const auto& shard) { return v < shard->end; });
    Shard& shard = **owner;
    const std::lock_guard lock(shard.guard);
    shard.pending[(v - shard.begin) / 64] |= std::uint64_t{1} << (v - shard.begin) % 64;
    ++shard.size;
    return;
  }
  Shard& shard = *shards_[static_cast<std::size_t>(worker)];
  const std::lock_guard lock(shard.guard);
  if (kind_ == SchedulerKind::fifo) {
    shard.queue.push_back(v);
  } else {
    shard.buckets[priority].push_back(v);
    if (priority < shard.lowest.load(std::memory_order_relaxed)) shard.lowest = priority;
  }
  ++shard.size;
}

// False for an entry that is no longer meant: the vertex has moved up, and perhaps run.
bool Scheduler::claim(LocalId v, std::uint64_t priority) {
  const std::atomic_ref<std::uint64_t> state(states_[v]);
  std::uint64_t expected = word(kQueued, priority);
  return state.compare_exchange_strong(expected, word(kTaken, 0), std::memory_order_acq_rel);
}

Scheduler::Shard& Scheduler::best_shard(int worker) {
  const auto own = static_cast<std::size_t>(worker);
  std::size_t best = own;
  for (std::size_t step = 1; step < shards_.size(); ++step) {
    const std::size_t other = (own + step) % shards_.size();
    if (kind_ == SchedulerKind::priority ? shards_[other]->lowest.load(std::memory_order_relaxed) <
                                               shards_[best]->lowest.load(std::memory_order_relaxed)
                                         : shards_[best]->size == 0)
      best = other;
  }
  return *shards_[best];
}

std::size_t Scheduler::take(int worker, std::span<LocalId> ids) {
  for (;;) {
    Shard& shard = best_shard(worker);
    if (shard.size == 0) return 0;
    if (const std::size_t count = take_from(shard, ids)) return count;
  }
}

std::size_t Scheduler::take_from(Shard& shard, std::span<LocalId> ids) {
  const std::lock_guard lock(shard.guard);
  std::size_t count = 0;
  if (kind_ == SchedulerKind::fifo) {
    for (; count < ids.size() && !shard.queue.empty(); shard.queue.pop_front(), --shard.size)
      if (claim(shard.queue.front(), 0)) ids[count++] = shard.queue.front();
  } else if (kind_ == SchedulerKind::priority) {
    while (count == 0 && !shard.buckets.empty()) {
      const auto lowest = shard.buckets.begin();
      std::deque<LocalId>& members = lowest->second;
      for (; count < ids.size() && !members.empty(); members.pop_front(), --shard.size)
        if (claim(members.front(), lowest->first)) ids[count++] = members.front();
      if (members.empty()) shard.buckets.erase(lowest);
    }
    shard.lowest = shard.buckets.empty() ? kNone : shard.buckets.begin()->first;
  } else {
    const std::size_t words = shard.pending.size();
    for (std::size_t step = 0; step <= words && count < ids.size() && shard.size > 0; ++step) {
      const std::size_t base = shard.cursor / 64 * 64;
      std::uint64_t& bits = shard.pending[base / 64];
      std::uint64_t ahead = bits & ~std::uint64_t{0} << shard.cursor % 64;
      for (; ahead != 0 && count < ids.size(); ahead &= ahead - 1, --shard.size) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(ahead));
        bits &= ~(std::uint64_t{1} << bit);
        const auto v = static_cast<LocalId>(shard.begin + base + bit);
        if (claim(v, 0)) ids[count++] = v;
        // Behind it: a vertex that schedules itself again has its turn after all others.
        shard.cursor = (base + bit + 1) % (64 * words);
      }
      if (ahead == 0) shard.cursor = (base + 64) % (64 * words);
    }
  }
  return count;
}

void Scheduler::start(LocalId v) {
  std::atomic_ref(states_[v]).exchange(word(kRunning, 0), std::memory_order_acq_rel);
  std::atomic_thread_fence(std::memory_order_seq_cst);  // whoever asks will_run() has the other one
}

void Scheduler::finish(int worker, LocalId v) {
  const std::atomic_ref<std::uint64_t> state(states_[v]);
  std::uint64_t seen = word(kRunning, 0);
  if (state.compare_exchange_strong(seen, word(kIdle, 0), std::memory_order_acq_rel)) {
    shards_[static_cast<std::size_t>(worker)]->ended.fetch_add(1);
    return;
  }
  while (!state.compare_exchange_weak(seen, word(kQueued, priority_of(seen)), std::memory_order_acq_rel)) {
  }
  push(worker, v, priority_of(seen));
}

// What has ended is read first: nothing that began in between can hide.
bool Scheduler::idle() const { return outstanding() == 0; }

std::uint64_t Scheduler::outstanding() const {
  std::uint64_t ended = 0, begun = 0;
  for (const auto& shard : shards_) ended += shard->ended.load();
  for (const auto& shard : shards_) begun += shard->begun.load();
  return begun - ended;
}

}  // namespace gasket
