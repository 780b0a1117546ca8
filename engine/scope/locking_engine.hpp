#pragma once
// Runs update functions without any barrier, each when the locks of its scope are held:
//
//   edge     a writer's lock on the vertex, readers' locks on its neighbours
//   full     writers' locks on all
//
// so that runs are serialisable (Low et al., Distributed GraphLab, VLDB 2012, section 4.2.2). Locks of a vertex are where
// its master is (scope_locks.hpp). Under vertex consistency there is nothing to lock, since the scheduler never lets a
// vertex run twice at a time: neighbours are read as they are, and what was written is sent to the copies.

#include "engine/scope/laps.hpp"
#include "engine/scope/scope.hpp"
#include "engine/scope/scope_locks.hpp"
#include "engine/scope/scope_news.hpp"
#include "engine/scope/traced_update.hpp"

namespace gasket {

/// C: the rights of the program's scopes. Which locks are taken is decided by options.consistency.
template <class P, Consistency C>
class LockingEngine {
  using Global = GlobalOf<P>;
  using Traits = UpdateTraits<P>;
  static constexpr bool kLocks = C != Consistency::vertex;

 public:
  /// Memory: that of ScopeStore, ScopeLocks (not under vertex consistency), ScopeNews and the scheduler.
  LockingEngine(const ScopeGraph& graph, const P& program, const ScopeOptions& options)
      : graph_(graph),
        program_(program),
        options_(options),
        comm_(graph.communicator()),
        store_(graph, program),
        loop_(comm_, options, graph.masters()),
        news_(graph, store_, loop_.scheduler(), loop_.mailbox(), options.scheduler),
        laps_(graph.masters()) {
    if constexpr (kLocks) locks_.emplace(graph, store_, loop_.mailbox(), options);
    for (int w = 0; w < parallel::threads(); ++w) workers_.emplace_back(std::make_unique<Worker>());
    if (options.trace != nullptr) options.trace->workers.resize(workers_.size());
  }

  ScopeResult<P> run() {
    const Stopwatch total;
    seed();
    loop_.run(*this);
    ScopeResult<P> result;
    result.global = exact_global();
    result.record = loop_.record(updates(), 0);
    result.record.histogram = update_histogram(comm_, store_.all_runs().span());
    result.record.seconds = total.seconds();
    result.values = store_.take_data();
    result.edges = store_.take_edges();
    result.runs = store_.take_runs();
    return result;
  }

  // -- For the loop ---------------------------------------------------------------------------------------
  static constexpr int kRunsPerPoll = 16;

  /// Runs an update if there is one to run, or asks for the locks of another.
  bool run_some(int number) {
    Worker& worker = *workers_[static_cast<std::size_t>(number)];
    if constexpr (kLocks)
      if (AskedScope* const scope = locks_->take_ready()) {
        execute(number, worker, scope->centre, scope);
        return true;
      }
    const std::optional<Laps::Lap> lap = kLocks ? laps_.begin() : Laps::Lap{0};
    if (!lap) return false;
    // Counted before it looks whether the run is to end: who sees nothing running then knows that nothing will begin.
    LocalId v;
    if (in_flight_.fetch_add(1) >= most_in_flight() || loop_.draining() || loop_.mailbox().crowded() ||
        loop_.scheduler().take(number, std::span(&v, 1)) == 0) {
      --in_flight_;
      if constexpr (kLocks) laps_.give_back(*lap);
      return false;
    }
    if constexpr (kLocks) {
      if (AskedScope* const scope = locks_->ask(v, *lap, worker.record)) execute(number, worker, v, scope);
    } else {
      execute(number, worker, v, nullptr);
    }
    return true;
  }
  std::uint64_t running() const { return in_flight_; }
  bool wants_news() const { return false; }
  bool silent() const { return news_.empty(); }
  void send_news() { news_.send(); }
  void receive(int from, std::span<const std::byte> bytes) {
    RecordReader record(bytes);
    RecordWriter& answer = workers_[0]->record;
    const auto kind = record.get<ScopeMessage>();
    if constexpr (kLocks) {
      if (kind == ScopeMessage::ask) return locks_->be_asked(from, record, answer);
      if (kind == ScopeMessage::grant) return locks_->be_granted(record, answer);
      if (kind == ScopeMessage::let_go) return locks_->take_back(from, record, answer);
    } else {
      if (kind == ScopeMessage::push) return news_.take_pushes(from, record);
      if (kind == ScopeMessage::write) return news_.take_write(record);
      if (kind == ScopeMessage::write_edge) return news_.take_edge(from, record);
    }
    news_.take_signals(record);
  }
  std::uint64_t updates() const {
    std::uint64_t sum = 0;
    for (const auto& worker : workers_) sum += std::atomic_ref(worker->updates).load(std::memory_order_relaxed);
    return sum;
  }
  Global aggregate() const { return store_.aggregate_local(); }
  void set_global(const Global& global) {
    if constexpr (Traits::has_global) store_.set_global(global);
  }
  bool converged([[maybe_unused]] const Global& global) const {
    if constexpr (Traits::has_converged)
      return program_.converged(global);
    else
      return false;
  }
  std::string state() {
    const std::string scopes = fmt::format("{} scopes on their way", in_flight_.load());
    if constexpr (kLocks)
      return scopes + ", " + locks_->state();
    else
      return scopes;
  }
  std::vector<WaitFor> waits() {
    if constexpr (kLocks)
      return locks_->waits();
    else
      return {};
  }

 private:
  struct alignas(64) Worker {
    ScopeEffects effects;
    RecordWriter record;
    std::uint64_t updates = 0;
  };

  void seed() {
    for (LocalId v = 0; v < graph_.masters(); ++v) {
      const Vertex vertex = store_.vertex(v);
      if constexpr (Traits::has_seed)
        if (!program_.seed(vertex)) continue;
      std::uint64_t priority = 0;
      if constexpr (Traits::has_first_priority) priority = program_.first_priority(vertex);
      loop_.scheduler().schedule(0, v, priority);
    }
    set_global(exact_global());
  }
  Global exact_global() {
    return comm_.all_reduce(store_.aggregate_local(), [](Global a, const Global& b) { return a += b; });
  }
  std::size_t most_in_flight() const { return kLocks ? options_.pipeline : std::numeric_limits<std::size_t>::max(); }

  // `scope`: its locks, if there are any.
  void execute(int number, Worker& worker, LocalId v, [[maybe_unused]] AskedScope* scope) {
    loop_.scheduler().start(v);
    worker.effects.clear();
    Scope<P, C> view(store_, v, worker.effects, options_.seed);
    if (options_.trace != nullptr)
      run_traced(program_, store_, view, v, worker.effects, options_.trace->workers[static_cast<std::size_t>(number)]);
    else
      program_.update(view);
    ++store_.runs(v);
    if constexpr (kLocks)
      locks_->let_go_elsewhere(*scope, worker.effects, worker.record);
    else
      news_.publish(v, worker.effects, options_.trace != nullptr, worker.record);
    news_.signal(number, worker.effects);
    if constexpr (kLocks) {
      const Laps::Lap lap = scope->lap;
      locks_->let_go_here(*scope, worker.record);
      laps_.end(lap);
    }
    std::atomic_ref(worker.updates).store(worker.updates + 1, std::memory_order_relaxed);
    loop_.scheduler().finish(number, v);
    --in_flight_;
  }

  const ScopeGraph& graph_;
  const P& program_;
  const ScopeOptions& options_;
  Communicator& comm_;
  ScopeStore<P> store_;
  AsyncLoop<Global> loop_;
  ScopeNews<P, !kLocks> news_;
  struct NoLocks {};
  std::conditional_t<kLocks, std::optional<ScopeLocks<P>>, NoLocks> locks_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<std::size_t> in_flight_{0};
  Laps laps_;
};

/// Runs an update program under options.consistency until no vertex is scheduled. Collective. Throws UsageError for a level
/// weaker than the program needs, Error(lost_peer) from the watchdog.
template <class P>
ScopeResult<P> run_locking(const ScopeGraph& graph, const P& program, const ScopeOptions& options = {}) {
  static_assert(detail::check_update_program<P>());
  return at_level<P>(options.consistency,
                     [&]<Consistency C>() { return LockingEngine<P, C>(graph, program, options).run(); });
}

}  // namespace gasket
