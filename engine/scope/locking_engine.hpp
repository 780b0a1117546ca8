#pragma once
// Runs update functions without any barrier, each when the locks of its scope are held:
//
//   vertex   a writer's lock on the vertex
//   edge     that, and readers' locks on its neighbours
//   full     writers' locks on all
//
// so that edge and full runs are serialisable (Low et al., Distributed GraphLab, VLDB 2012, section 4.2.2). Locks of a vertex
// are where its master is. A scope asks rank after rank, in the canonical order, and is put aside while it waits: nobody
// ever blocks, and thousands of scopes may be on their way (the pipeline). A grant brings the data of those neighbours of
// which the copy here is out of date, by version; letting go takes along what was written. Under vertex consistency
// nothing is asked of other ranks, and what was written is sent to the copies.
//
// The calling thread alone talks to the network; it also runs updates when there is nothing to say.

#include <fmt/format.h>

#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "engine/async/heartbeat.hpp"
#include "engine/async/outbox.hpp"
#include "engine/async/scheduler.hpp"
#include "engine/copy_index.hpp"
#include "engine/scope/lock_table.hpp"
#include "engine/scope/pool.hpp"
#include "engine/scope/scope.hpp"
#include "engine/scope/scope_run.hpp"
#include "engine/scope/traced_update.hpp"
#include "engine/scope/wait_for.hpp"
#include "engine/step.hpp"
#include "partition/beside.hpp"
#include "partition/comm/mailbox.hpp"

namespace gasket {

template <class P, Consistency C>
class LockingEngine {
  using Data = typename P::Data;
  using EdgeData = EdgeDataOf<P>;
  using Global = GlobalOf<P>;
  using Link = ScopeGraph::Link;
  static constexpr bool kShared = C == Consistency::vertex;
  static constexpr bool kLocksNeighbours = C != Consistency::vertex;

 public:
  /// Memory: ScopeStore's, 24 bytes per lock, the scheduler's, and per scope on its way about 12 bytes per neighbour here and
  /// where the neighbour lives.
  LockingEngine(const ScopeGraph& graph, const P& program, const ScopeOptions& options)
      : graph_(graph),
        program_(program),
        options_(options),
        comm_(graph.communicator()),
        store_(graph, program),
        locks_(graph.masters(), options.lock_shift),
        scheduler_(options.scheduler, graph.masters(), parallel::threads()),
        mailbox_(comm_),
        heartbeat_(comm_, options.interval),
        peer_of_(static_cast<std::size_t>(comm_.size()), nullptr) {
    if constexpr (!kLocksNeighbours) copies_.emplace(graph.plan(), graph.masters(), Flow::both);
    outboxes_.resize(peer_of_.size());
    for (const GhostPlan::Peer& peer : graph.plan().peers) {
      const auto rank = static_cast<std::size_t>(peer.rank);
      peer_of_[rank] = &peer;
      outboxes_[rank] = std::make_unique<Outbox>(peer.masters.size(), peer.ghosts.end - peer.ghosts.targets);
    }
    for (int w = 0; w < parallel::threads(); ++w) workers_.emplace_back(std::make_unique<Worker>());
    if (options.trace != nullptr) options.trace->workers.resize(workers_.size());
  }

  ScopeResult<P> run() {
    const Stopwatch total;
    seed();
    parallel::run_beside([&](const std::atomic<bool>& stop) { lead(stop); },
                         [&](int worker, const std::atomic<bool>& stop) { help(worker, stop); });
    mailbox_.close();
    ScopeResult<P> result;
    result.global = exact_global();
    AsyncRecord::Rank mine;
    for (const auto& worker : workers_) mine.updates += worker->updates;
    mine.idle_seconds = idle_seconds_;
    mine.bytes_to = mailbox_.bytes_to();
    collect(comm_, mine, result.record);
    result.record.beats = heartbeat_.beats();
    result.record.histogram = update_histogram(comm_, store_.all_runs().span());
    result.record.converged = !over_limit_;
    result.record.seconds = total.seconds();
    result.values = store_.take_data();
    result.edges = store_.take_edges();
    result.runs = store_.take_runs();
    return result;
  }

 private:
  // -- What travels ---------------------------------------------------------------------------------------
  enum class Kind : std::uint8_t { ask, grant, let_go, push, write, write_edge, signal };
  using Version = std::uint32_t;

  // A scope on its way, at the rank that runs it.
  struct Asked {
    LocalId centre = 0;
    LockRequest own;
    struct Remote {
      int rank = 0;
      std::size_t begin = 0, end = 0;  // in ghosts
      std::uint32_t handle = 0;        // of the Granted there
    };
    std::vector<LocalId> ghosts;  // neighbours elsewhere, in canonical order, each once
    std::vector<Remote> remotes;  // in the order in which they are asked
    std::size_t own_stage = 0;    // how many remotes are asked before the own rank
    std::size_t stage = 0;
    bool waits_remote = false;
    bool active = false;
  };
  // A part of another rank's scope, here.
  struct Granted {
    int from = 0;
    std::uint32_t scope = 0;
    GlobalId centre = 0;
    LockRequest request;
    struct Wanted {
      LocalId master;
      Version version;
    };
    std::vector<Wanted> wanted;
    bool active = false;
  };
  struct Worker {
    ScopeEffects effects;
    RecordWriter record;
    std::uint64_t updates = 0;
  };
  struct News {
    std::uint64_t updates = 0;
    std::uint64_t moved = 0;
    std::uint64_t scheduled = 0;
    bool late = false;  // nothing has moved anywhere for long, by the clock of this rank
    Global global{};
  };

  // -- The threads ----------------------------------------------------------------------------------------
  static constexpr int kRunsPerPoll = 16;

  void seed() {
    for (LocalId v = 0; v < graph_.masters(); ++v) {
      const Vertex vertex = store_.vertex(v);
      if constexpr (UpdateTraits<P>::has_seed)
        if (!program_.seed(vertex)) continue;
      std::uint64_t priority = 0;
      if constexpr (UpdateTraits<P>::has_first_priority) priority = program_.first_priority(vertex);
      scheduler_.schedule(0, v, priority);
    }
    if constexpr (UpdateTraits<P>::has_global) store_.set_global(exact_global());
  }
  Global exact_global() {
    return comm_.all_reduce(store_.aggregate_local(), [](Global a, const Global& b) { return a += b; });
  }

  void lead(const std::atomic<bool>& stop) {
    parallel::Backoff backoff;
    last_moved_ = heard_ = std::chrono::steady_clock::now();
    while (!stop && !heartbeat_.ended()) {
      int runs = 0;
      while (runs < kRunsPerPoll && run_one(0)) ++runs;
      const bool moved = poll();
      // Where ranks share cores, the sooner the others get to run, the less old is what is known of them.
      if (comm_.size() > 1 && !parallel::enough_cores()) comm_.idle();
      if (runs > 0 || moved) {
        backoff.reset();
      } else {
        const Stopwatch idle;
        if (comm_.size() > 1) comm_.idle();
        backoff.wait();
        idle_seconds_ += idle.seconds();
      }
      watch();
    }
  }
  void help(int worker, const std::atomic<bool>& stop) {
    parallel::Backoff backoff;
    while (!stop) {
      if (run_one(worker))
        backoff.reset();
      else
        backoff.wait();
    }
  }

  // Sends, receives, and takes part in the heartbeat. Returns whether anything moved.
  bool poll() {
    empty_outboxes();
    const bool moved = comm_.size() > 1 &&
                       mailbox_.poll(true, [&](int from, std::span<const std::byte> record) { receive(from, record); });
    const bool idle = is_idle();
    if (heartbeat_.poll(idle, [&] { return beat(idle); })) hear();
    return moved;
  }
  // The scheduler first: when no vertex runs, what they had to say is noted.
  bool is_idle() const {
    const bool running = draining_ ? in_flight_.load() > 0 : !scheduler_.idle();
    return !running && std::ranges::all_of(outboxes_, [](const auto& box) { return !box || box->empty(); }) &&
           mailbox_.empty();
  }
  typename Heartbeat<News>::Beat beat(bool idle) {
    News news;
    for (const auto& worker : workers_)
      news.updates += std::atomic_ref(worker->updates).load(std::memory_order_relaxed);
    news.moved = news.updates + mailbox_.received();
    news.scheduled = scheduler_.outstanding();
    news.late = options_.watchdog_seconds > 0 && seconds_since(last_moved_) >= options_.watchdog_seconds;
    if constexpr (UpdateTraits<P>::has_global) {
      if (news.updates != aggregated_at_ || heartbeat_.beats() == 0) aggregate_ = store_.aggregate_local();
      aggregated_at_ = news.updates;
      news.global = aggregate_;
    }
    return {mailbox_.sent(), mailbox_.received(), idle, news};
  }
  void hear() {
    News all;
    for (const auto& beat : heartbeat_.all()) {
      all.updates += beat.extra.updates;
      all.moved += beat.extra.moved;
      all.scheduled += beat.extra.scheduled;
      all.late = all.late || beat.extra.late;
      all.global += beat.extra.global;
    }
    if constexpr (UpdateTraits<P>::has_global) store_.set_global(all.global);
    if constexpr (UpdateTraits<P>::has_converged)
      if (program_.converged(all.global)) draining_ = true;
    if (all.updates >= options_.max_updates && !heartbeat_.ended()) draining_ = over_limit_ = true;
    const bool moved = std::exchange(moved_, all.moved) != all.moved;
    if (moved) last_moved_ = std::chrono::steady_clock::now();
    heard_ = std::chrono::steady_clock::now();
    if (options_.on_progress) options_.on_progress({all.updates, all.scheduled});
    if (all.late && !moved && !heartbeat_.ended()) report_standstill();
  }

  // -- Asking ---------------------------------------------------------------------------------------------

  // Runs an update if there is one to run, or asks for the locks of another. False: nothing to do at the moment.
  bool run_one(int worker) {
    if (Asked* const scope = take_ready()) {
      execute(worker, *scope);
      return true;
    }
    if (draining_ || mailbox_.crowded()) return false;
    if (in_flight_.fetch_add(1) >= options_.pipeline) {
      --in_flight_;
      return false;
    }
    LocalId v;
    if (scheduler_.take(worker, std::span(&v, 1)) == 0) {
      --in_flight_;
      return false;
    }
    const auto [scope, index] = asked_.take();
    ask_for(*scope, index, v);
    if (advance(*scope, *workers_[static_cast<std::size_t>(worker)])) execute(worker, *scope);
    return true;
  }

  void ask_for(Asked& scope, std::uint32_t index, LocalId centre) {
    scope.centre = centre;
    scope.own.index = index;
    scope.own.remote = false;
    scope.stage = scope.own_stage = 0;
    scope.ghosts.clear();
    scope.remotes.clear();
    scope.active = true;
    bool centre_added = !kLocksNeighbours;
    if constexpr (kLocksNeighbours) {
      LocalId last = centre;
      for (const Link& link : graph_.links(centre)) {
        const LocalId u = link.vertex();
        if (u == centre || u == last || skips(centre, u)) continue;
        last = u;
        if (u >= graph_.masters()) {
          scope.ghosts.push_back(u);
          continue;
        }
        if (u > centre && !std::exchange(centre_added, true)) locks_.add(scope.own, centre, true);
        locks_.add(scope.own, u, C == Consistency::full);
      }
    }
    if (!kLocksNeighbours || !centre_added) locks_.add(scope.own, centre, true);
    for (std::size_t begin = 0; begin < scope.ghosts.size();) {
      const int rank = graph_.home(scope.ghosts[begin]).rank;
      std::size_t end = begin;
      while (end < scope.ghosts.size() && graph_.home(scope.ghosts[end]).rank == rank) ++end;
      if (rank < comm_.rank()) ++scope.own_stage;
      scope.remotes.push_back({rank, begin, end, 0});
      begin = end;
    }
    if (options_.faults.reverse && graph_.global_id(centre) % 2 == 1) {
      std::ranges::reverse(scope.remotes);
      scope.own_stage = scope.remotes.size() - scope.own_stage;
    }
  }
  bool skips(LocalId centre, LocalId u) const {
    const std::uint64_t one_in = options_.faults.skip_one_in;
    return one_in > 0 && mix(graph_.global_id(centre) * 0x9e3779b9u + graph_.global_id(u)) % one_in == 0;
  }

  // Goes on asking. True when the scope has all its locks; else it comes back when it has what it waits for.
  bool advance(Asked& scope, Worker& worker) {
    const std::size_t stage = scope.stage++;
    if (stage > scope.remotes.size()) return true;
    if (stage == scope.own_stage) return locks_.acquire(scope.own) && advance(scope, worker);
    const typename Asked::Remote& remote = scope.remotes[stage < scope.own_stage ? stage : stage - 1];
    scope.waits_remote = true;
    RecordWriter& record = worker.record;
    record.clear();
    record.put(Kind::ask);
    record.put(scope.own.index);
    record.put(graph_.global_id(scope.centre));
    for (std::size_t g = remote.begin; g < remote.end; ++g) {
      record.put(graph_.home(scope.ghosts[g]).local);
      record.put(store_.version(scope.ghosts[g]));
    }
    mailbox_.append(remote.rank, record.bytes());
    return false;
  }

  // A request that waited has all its locks here.
  void resume(LockRequest& request, Worker& worker) {
    if (request.remote)
      grant(granted_[request.index], worker);
    else if (Asked& scope = asked_[request.index]; advance(scope, worker))
      make_ready(scope);
  }
  void make_ready(Asked& scope) {
    const std::lock_guard lock(ready_guard_);
    ready_.push_back(&scope);
    ready_count_.store(ready_.size(), std::memory_order_relaxed);
  }
  Asked* take_ready() {
    if (ready_count_.load(std::memory_order_relaxed) == 0) return nullptr;
    const std::lock_guard lock(ready_guard_);
    if (ready_.empty()) return nullptr;
    Asked* const scope = ready_.front();
    ready_.pop_front();
    ready_count_.store(ready_.size(), std::memory_order_relaxed);
    return scope;
  }

  // -- Running --------------------------------------------------------------------------------------------

  void execute(int number, Asked& scope) {
    Worker& worker = *workers_[static_cast<std::size_t>(number)];
    const LocalId v = scope.centre;
    scheduler_.start(v);
    worker.effects.clear();
    Scope<P, C> view(store_, v, worker.effects, options_.seed);
    if (options_.trace != nullptr)
      run_traced(program_, store_, view, v, worker.effects, options_.trace->workers[static_cast<std::size_t>(number)]);
    else
      program_.update(view);
    ++store_.runs(v);
    if constexpr (kLocksNeighbours)
      let_go(scope, worker);
    else
      publish(v, worker);
    send_signals(number, worker);
    locks_.release(scope.own, [&](LockRequest& request) { resume(request, worker); });
    scope.active = false;
    asked_.give_back(scope.own.index);
    std::atomic_ref(worker.updates).fetch_add(1, std::memory_order_relaxed);
    scheduler_.finish(number, v);
    --in_flight_;
  }

  // What was written goes home with the locks.
  void let_go(Asked& scope, Worker& worker) {
    if (scope.remotes.empty()) return;
    const ScopeEffects& effects = worker.effects;
    RecordWriter& record = worker.record;
    for (const typename Asked::Remote& remote : scope.remotes) {
      record.clear();
      record.put(Kind::let_go);
      record.put(remote.handle);
      const std::size_t count_at = record.size();
      std::uint32_t count = 0;
      record.put(count);
      for (const LocalId u : effects.neighbours)
        if (graph_.home(u).rank == remote.rank && u >= graph_.masters()) {
          put_data(record, graph_.home(u).local, u);
          ++count;
        }
      record.put_at(count_at, count);
      if constexpr (ScopeStore<P>::has_edges)
        for (const EdgeId e : effects.edges)
          if (const auto* const cut = graph_.cut_of(e); cut != nullptr && cut->rank == remote.rank)
            put_edge(record, *cut, e);
      mailbox_.append(remote.rank, record.bytes());
    }
  }

  // Under vertex consistency what was written goes to all who have a copy.
  void publish(LocalId v, Worker& worker) {
    const ScopeEffects& effects = worker.effects;
    RecordWriter& record = worker.record;
    if (effects.own || options_.trace != nullptr) push_to_copies(v);
    for (const LocalId u : effects.neighbours) {
      if (u < graph_.masters()) {
        push_to_copies(u);
        continue;
      }
      record.clear();
      record.put(Kind::write);
      put_data(record, graph_.home(u).local, u);
      mailbox_.append(graph_.home(u).rank, record.bytes());
    }
    if constexpr (ScopeStore<P>::has_edges)
      for (const EdgeId e : effects.edges)
        if (const auto* const cut = graph_.cut_of(e)) {
          record.clear();
          record.put(Kind::write_edge);
          put_edge(record, *cut, e);
          mailbox_.append(cut->rank, record.bytes());
        }
  }
  void push_to_copies(LocalId v) {
    for (const CopyIndex::Copy& copy : copies_->of(v))
      outboxes_[static_cast<std::size_t>(graph_.plan().peers[copy.peer].rank)]->push({v, copy.position});
  }
  void put_data(RecordWriter& record, LocalId there, LocalId here) {
    record.put(there);
    record.put(store_.version(here));
    record.put(store_.template data<kShared>(here));
  }
  void put_edge(RecordWriter& record, const ScopeGraph::CutEdges& cut, EdgeId e) {
    record.put(static_cast<EdgeId>(e - cut.begin));
    record.put(store_.template edge<kShared>(e));
  }

  void send_signals(int number, Worker& worker) {
    for (const ScopeEffects::Signal& signal : worker.effects.signals) {
      if (signal.vertex < graph_.masters()) {
        scheduler_.schedule(number, signal.vertex, signal.priority);
        continue;
      }
      const auto rank = static_cast<std::size_t>(graph_.home(signal.vertex).rank);
      outboxes_[rank]->signal(static_cast<LocalId>(signal.vertex - first_ghost(rank)),
                              options_.scheduler == SchedulerKind::priority ? signal.priority : 0);
    }
  }
  LocalId first_ghost(std::size_t rank) const { return static_cast<LocalId>(peer_of_[rank]->ghosts.targets); }

  // To ranks that have taken what was sent before.
  void empty_outboxes() {
    for (std::size_t r = 0; r < outboxes_.size(); ++r) {
      const int rank = static_cast<int>(r);
      if (!outboxes_[r] || outboxes_[r]->empty() || !mailbox_.ready(rank)) continue;
      pushes_.clear();
      pushes_.put(Kind::push);
      signals_.clear();
      signals_.put(Kind::signal);
      const std::size_t nothing = signals_.size();
      outboxes_[r]->drain([&](const Outbox::Push& push) { put_data(pushes_, push.position, push.vertex); },
                          [&](LocalId ghost, std::uint64_t priority) {
                            signals_.put(graph_.home(static_cast<LocalId>(first_ghost(r) + ghost)).local);
                            if (options_.scheduler == SchedulerKind::priority) signals_.put(priority);
                          });
      if (pushes_.size() > nothing) mailbox_.append(rank, pushes_.bytes());
      if (signals_.size() > nothing) mailbox_.append(rank, signals_.bytes());
    }
  }

  // -- Hearing --------------------------------------------------------------------------------------------

  void receive(int from, std::span<const std::byte> bytes) {
    RecordReader record(bytes);
    Worker& worker = *workers_[0];
    switch (record.get<Kind>()) {
      case Kind::ask:
        return be_asked(from, record, worker);
      case Kind::grant:
        return be_granted(record, worker);
      case Kind::let_go:
        return take_back(from, record, worker);
      case Kind::push:
        return take_pushes(from, record);
      case Kind::write: {
        const LocalId v = take_data(record);
        push_to_copies(v);
        return;
      }
      case Kind::write_edge:
        return take_edge(from, record);
      case Kind::signal:
        return take_signals(record);
    }
  }
  void take_pushes(int from, RecordReader& record) {
    while (!record.done()) {
      const auto ghost = static_cast<LocalId>(first_ghost(static_cast<std::size_t>(from)) + record.get<LocalId>());
      const auto version = record.get<Version>();
      store_.template receive_data<kShared>(ghost, record.get<Data>(), version);
    }
  }
  void take_signals(RecordReader& record) {
    while (!record.done()) {
      const auto v = record.get<LocalId>();
      scheduler_.schedule(0, v, options_.scheduler == SchedulerKind::priority ? record.get<std::uint64_t>() : 0);
    }
  }
  LocalId take_data(RecordReader& record) {
    const auto v = record.get<LocalId>();
    const auto version = record.get<Version>();
    store_.template receive_data<kShared>(v, record.get<Data>(), version);
    return v;
  }
  void take_edge(int from, RecordReader& record) {
    if constexpr (ScopeStore<P>::has_edges) {
      const auto place = record.get<EdgeId>();
      const auto cut = std::ranges::find(graph_.cut_edges(), from, &ScopeGraph::CutEdges::rank);
      store_.template set_edge<kShared>(cut->begin + place, record.get<EdgeData>());
    }
  }

  void be_asked(int from, RecordReader& record, Worker& worker) {
    const auto [part, index] = granted_.take();
    part->from = from;
    part->scope = record.get<std::uint32_t>();
    part->centre = record.get<GlobalId>();
    part->request.remote = true;
    part->request.index = index;
    part->wanted.clear();
    part->active = true;
    while (!record.done()) {
      const auto v = record.get<LocalId>();
      part->wanted.push_back({v, record.get<Version>()});
      locks_.add(part->request, v, C == Consistency::full);
    }
    if (locks_.acquire(part->request)) grant(*part, worker);
  }
  void grant(Granted& part, Worker& worker) {
    RecordWriter& record = worker.record;
    record.clear();
    record.put(Kind::grant);
    record.put(part.scope);
    record.put(part.request.index);
    for (std::uint32_t i = 0; i < part.wanted.size(); ++i) {
      const auto& [v, version] = part.wanted[i];
      if (store_.version(v) == version) continue;
      put_data(record, i, v);
    }
    mailbox_.append(part.from, record.bytes());
  }
  void be_granted(RecordReader& record, Worker& worker) {
    Asked& scope = asked_[record.get<std::uint32_t>()];
    const std::size_t asked = scope.stage - 1;
    typename Asked::Remote& remote = scope.remotes[asked < scope.own_stage ? asked : asked - 1];
    remote.handle = record.get<std::uint32_t>();
    while (!record.done()) {
      const LocalId ghost = scope.ghosts[remote.begin + record.get<std::uint32_t>()];
      const auto version = record.get<Version>();
      const auto data = record.get<Data>();
      // Another scope may have brought the same meanwhile, and somebody be reading it.
      if (store_.version(ghost) != version) store_.template receive_data<kShared>(ghost, data, version);
    }
    scope.waits_remote = false;
    if (advance(scope, worker)) make_ready(scope);
  }
  void take_back(int from, RecordReader& record, Worker& worker) {
    const auto index = record.get<std::uint32_t>();
    for (auto count = record.get<std::uint32_t>(); count > 0; --count) take_data(record);
    while (!record.done()) take_edge(from, record);
    Granted& part = granted_[index];
    locks_.release(part.request, [&](LockRequest& request) { resume(request, worker); });
    part.active = false;
    granted_.give_back(index);
  }

  // -- Watching over it -----------------------------------------------------------------------------------

  double seconds_since(std::chrono::steady_clock::time_point then) const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
  }
  // All ranks take part, and all have heard that nothing moves.
  [[noreturn]] void report_standstill() {
    const std::string mine = state();
    const std::vector<char> states = comm_.all_gather_spans(std::span<const char>(mine));
    const std::vector<GlobalId> cycle = find_wait_cycle(comm_.all_gather_spans(std::span<const WaitFor>(waits())));
    std::string text = fmt::format("nothing has moved for {:g} s", options_.watchdog_seconds);
    if (!cycle.empty()) {
      text += "; these updates wait for each other's locks in a circle: ";
      for (const GlobalId v : cycle) text += fmt::format("vertex {} -> ", v);
      text += fmt::format("vertex {}", cycle.front());
    }
    Error error(ExitCode::lost_peer, text + std::string(states.begin(), states.end()));
    error.set_agreed();
    mailbox_.close();
    throw error;
  }
  // Another rank has not taken part in the heartbeat for long: it can not be asked, so every rank tells what it knows.
  void watch() {
    if (options_.watchdog_seconds <= 0 || seconds_since(heard_) < 2 * options_.watchdog_seconds) return;
    throw Error(ExitCode::lost_peer,
                fmt::format("another rank has not answered for {:g} s{}", 2 * options_.watchdog_seconds, state()));
  }

  // Looks at requests while workers could change them; but nothing has moved for long.
  template <class Body>
  void for_each_request(const Body& body) {
    asked_.for_each([&](const Asked& scope) {
      if (scope.active) body(scope.own, graph_.global_id(scope.centre), scope.waits_remote);
    });
    granted_.for_each([&](const Granted& part) {
      if (part.active) body(part.request, part.centre, false);
    });
  }
  std::vector<WaitFor> waits() {
    std::unordered_multimap<std::uint32_t, GlobalId> holders;
    for_each_request([&](const LockRequest& request, GlobalId centre, bool) {
      for (std::size_t i = 0; i < request.held; ++i) holders.emplace(request.items[i].block, centre);
    });
    std::vector<WaitFor> waits;
    for_each_request([&](const LockRequest& request, GlobalId centre, bool elsewhere) {
      if (elsewhere || !request.waits()) return;
      const auto [first, last] = holders.equal_range(request.items[request.held].block);
      for (auto holder = first; holder != last; ++holder) waits.push_back({centre, holder->second});
    });
    return waits;
  }
  std::string state() {
    std::size_t here = 0, elsewhere = 0;
    for_each_request([&](const LockRequest& request, GlobalId, bool remote) {
      elsewhere += remote ? 1 : 0;
      here += !remote && request.waits() ? 1 : 0;
    });
    return fmt::format(
        "\n  rank {}: {}, {} vertices scheduled, {} scopes on their way, {} ready to run, {} requests wait for locks "
        "here, {} "
        "scopes for locks elsewhere, {} batches sent, {} received{}",
        comm_.rank(), draining_ ? "ending" : "running", scheduler_.outstanding(), in_flight_.load(),
        ready_count_.load(), here, elsewhere, mailbox_.sent(), mailbox_.received(),
        mailbox_.empty() ? "" : ", more to send");
  }

  const ScopeGraph& graph_;
  const P& program_;
  const ScopeOptions& options_;
  Communicator& comm_;
  ScopeStore<P> store_;
  std::optional<CopyIndex> copies_;  // under vertex consistency
  LockTable locks_;
  Scheduler scheduler_;
  Mailbox mailbox_;
  Heartbeat<News> heartbeat_;
  std::vector<const GhostPlan::Peer*> peer_of_;    // by rank
  std::vector<std::unique_ptr<Outbox>> outboxes_;  // by rank; null where nothing is shared
  RecordWriter pushes_, signals_;                  // on their way out of one
  std::vector<std::unique_ptr<Worker>> workers_;

  Pool<Asked> asked_;
  Pool<Granted> granted_;
  std::atomic<std::size_t> in_flight_{0};
  std::mutex ready_guard_;
  std::deque<Asked*> ready_;
  std::atomic<std::size_t> ready_count_{0};

  std::atomic<bool> draining_{false};  // no new scopes: the run is to end
  bool over_limit_ = false;
  double idle_seconds_ = 0;
  Global aggregate_{};
  std::uint64_t aggregated_at_ = 0;
  std::uint64_t moved_ = 0;
  std::chrono::steady_clock::time_point last_moved_{}, heard_{};
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
