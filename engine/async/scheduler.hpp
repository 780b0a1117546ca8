#pragma once
// Which vertex is next. A vertex is scheduled or not, however often it was signalled (set semantics), and every scheduled
// vertex is taken in the end:
//
//   fifo      in the order of signals
//   priority  in buckets of ascending priority; a vertex moves up when it is signalled with a lower one
//   sweep     in the order of ids, round and round
//
// Orders are kept by each worker among what it has signalled; a worker without work takes from the others. That is relaxed
// order, as in Galois' OBIM (Nguyen, Lenharth, Pingali, SOSP 2013, section 4.1): enough for programs that are right in any order,
// and no queue that all workers wait for.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/types.hpp"

namespace gasket {

enum class SchedulerKind { fifo, priority, sweep };

/// A vertex goes idle -> queued -> taken -> running -> idle. A signal schedules an idle vertex; one that is queued or taken
/// will see what the signal is about when it runs; one that runs is queued again when it ends. So no vertex ever runs on two
/// workers at a time, and no signal is lost. All functions may be called by any worker at any time unless they say otherwise.
class Scheduler {
 public:
  /// Memory: 8 bytes per vertex, and 4 (fifo) or 12 (priority) per scheduled one; a bit per vertex for sweep.
  Scheduler(SchedulerKind kind, std::size_t vertices, int workers);
  ~Scheduler();

  static constexpr std::uint64_t kLowestPriority = (std::uint64_t{1} << 60) - 1;

  /// `worker` is the caller's number; priorities above kLowestPriority count as it. What the caller wrote before is seen by
  /// the run of the vertex that follows.
  void schedule(int worker, LocalId v, std::uint64_t priority = 0);
  /// Whether a signal would change nothing: the vertex will run anyway, and see what the caller wrote before a fence that
  /// is sequentially consistent. Where there are priorities a signal may always matter.
  bool will_run(LocalId v) const {
    if (has_priorities()) return false;
    const State state = state_of(std::atomic_ref(states_[v]).load(std::memory_order_relaxed));
    return state != kIdle && state != kRunning;
  }
  bool has_priorities() const { return kind_ == SchedulerKind::priority; }
  /// Takes up to ids.size() vertices; returns how many. Of one bucket, if there are buckets.
  std::size_t take(int worker, std::span<LocalId> ids);
  /// Between take and finish: from here on a signal means another run.
  void start(LocalId v);
  /// The vertex has run.
  void finish(int worker, LocalId v);

  /// No vertex is scheduled or runs. Exact when only running vertices signal, and for the caller's own signals.
  bool idle() const;
  /// Vertices that are queued, taken or running; roughly, while workers are at it.
  std::uint64_t outstanding() const;

 private:
  enum State : std::uint64_t { kIdle, kQueued, kTaken, kRunning, kAgain };
  struct Shard;

  static std::uint64_t word(State state, std::uint64_t priority) { return priority << 3 | state; }
  static State state_of(std::uint64_t w) { return static_cast<State>(w & 7); }
  static std::uint64_t priority_of(std::uint64_t w) { return w >> 3; }

  void push(int worker, LocalId v, std::uint64_t priority);
  std::size_t take_from(Shard& shard, std::span<LocalId> ids);
  bool claim(LocalId v, std::uint64_t priority);
  Shard& best_shard(int worker);

  SchedulerKind kind_;
  mutable BigArray<std::uint64_t> states_;  // std::atomic_ref reads no constants
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace gasket
