#pragma once
// Runs update functions colour by colour: vertices of one colour do not meet in each other's scopes, so all of them run at
// the same time without locks; what they wrote travels before the next colour begins (Low et al., Distributed GraphLab,
// VLDB 2012, section 4.2.1). Edge consistency takes a colouring at distance one, full consistency at distance two.
//
// A run equals the serial one that sweeps over the scheduled vertices colour by colour, for any ranks, threads and
// placement. Bit for bit where an update does not depend on the order of its neighbours, which is another on other ranks,
// and on no floating-point aggregate.

#include <algorithm>

#include "engine/copy_index.hpp"
#include "engine/scope/colouring.hpp"
#include "engine/scope/scope_run.hpp"
#include "engine/scope/traced_update.hpp"
#include "engine/step.hpp"
#include "partition/comm/exchange.hpp"
#include "partition/comm/mailbox.hpp"
#include "partition/parallel.hpp"

namespace gasket {

/// C: the rights of the program's scopes. The distance of the colouring is decided by options.consistency.
template <class P, Consistency C>
class ChromaticEngine {
  static_assert(C != Consistency::vertex);
  using Data = typename P::Data;
  using EdgeData = EdgeDataOf<P>;
  using Global = GlobalOf<P>;
  static constexpr bool kWritesNeighbours = C == Consistency::full;

 public:
  /// Memory: ScopeStore's, a colour, a place in its class and a flag per master, and what one colour has to send.
  ChromaticEngine(const ScopeGraph& graph, const P& program, const ScopeOptions& options)
      : graph_(graph),
        program_(program),
        options_(options),
        comm_(graph.communicator()),
        store_(graph, program),
        copies_(graph.plan(), graph.masters(), Flow::both),
        colouring_(colour_vertices(graph, options.consistency == Consistency::full ? 2 : 1)),
        scheduled_(graph.masters()),
        bytes_to_(static_cast<std::size_t>(comm_.size())),
        peer_of_(static_cast<std::size_t>(comm_.size()), nullptr) {
    for (const GhostPlan::Peer& peer : graph.plan().peers) peer_of_[static_cast<std::size_t>(peer.rank)] = &peer;
    for (int w = 0; w < parallel::threads(); ++w)
      workers_.emplace_back(std::make_unique<Worker>(static_cast<std::size_t>(comm_.size())));
    if (options.trace != nullptr) options.trace->workers.resize(workers_.size());
    if constexpr (kWritesNeighbours) written_ = BigArray<std::uint8_t>(graph.masters());
    sort_by_colour();
  }

  ScopeResult<P> run() {
    const Stopwatch total;
    ScopeResult<P> result;
    for (LocalId v = 0; v < graph_.masters(); ++v) {
      if constexpr (UpdateTraits<P>::has_seed)
        scheduled_[v] = program_.seed(store_.vertex(v)) ? 1 : 0;
      else
        scheduled_[v] = 1;
    }
    bool converged = false, over_limit = false;
    for (;;) {
      const std::uint64_t scheduled = comm_.sum(count_scheduled());
      if (options_.on_progress) options_.on_progress({result.record.updates, scheduled});
      Global global{};
      if constexpr (UpdateTraits<P>::has_global) {
        global = comm_.all_reduce(store_.aggregate_local(), [](Global a, const Global& b) { return a += b; });
        store_.set_global(global);
      }
      result.global = global;
      if constexpr (UpdateTraits<P>::has_converged) converged = result.record.updates > 0 && program_.converged(global);
      over_limit = scheduled > 0 && result.record.updates >= options_.max_updates;
      if (scheduled == 0 || converged || over_limit) break;
      for (std::uint32_t colour = 0; colour < colouring_.count; ++colour) run_colour(colour);
      result.record.updates = comm_.sum(own_updates());
      ++result.record.beats;
    }
    collect(comm_, {own_updates(), 0, waited_, bytes_to_}, result.record);
    result.record.histogram = update_histogram(comm_, store_.all_runs().span());
    result.record.converged = !over_limit;
    result.record.seconds = total.seconds();
    result.values = store_.take_data();
    result.edges = store_.take_edges();
    result.runs = store_.take_runs();
    return result;
  }

 private:
  enum class Kind : std::uint8_t { push, write, write_edge, signal };
  static constexpr std::size_t kPiece = 64;

  struct Worker {
    explicit Worker(std::size_t ranks) : out(ranks) {}
    ScopeEffects effects;
    std::vector<RecordWriter> out;  // by rank
    std::vector<LocalId> written;   // masters, by updates of others
    std::uint64_t updates = 0;
  };

  void sort_by_colour() {
    begins_.assign(colouring_.count + 1, 0);
    for (const std::uint32_t colour : colouring_.colours) ++begins_[colour + 1];
    for (std::size_t c = 1; c < begins_.size(); ++c) begins_[c] += begins_[c - 1];
    members_ = BigArray<LocalId>(graph_.masters());
    std::vector<std::size_t> next(begins_.begin(), begins_.end() - 1);
    for (LocalId v = 0; v < graph_.masters(); ++v) members_[next[colouring_.colours[v]]++] = v;
  }
  std::uint64_t count_scheduled() const {
    return static_cast<std::uint64_t>(std::ranges::count(scheduled_, std::uint8_t{1}));
  }
  std::uint64_t own_updates() const {
    std::uint64_t sum = 0;
    for (const auto& worker : workers_) sum += worker->updates;
    return sum;
  }

  void run_colour(std::uint32_t colour) {
    batch_.clear();
    for (std::size_t i = begins_[colour]; i < begins_[colour + 1]; ++i)
      if (std::exchange(scheduled_[members_[i]], std::uint8_t{0}) != 0) batch_.push_back(members_[i]);
    parallel::for_ranges(batch_.size(), kPiece, [&](std::size_t begin, std::size_t end) {
      const auto worker = static_cast<std::size_t>(parallel::worker_index());
      for (std::size_t i = begin; i < end; ++i) run_one(batch_[i], worker);
    });
    if (comm_.size() == 1) return;
    swap_news();
    if constexpr (kWritesNeighbours) {
      push_written();
      swap_news();
    }
  }
  void run_one(LocalId v, std::size_t number) {
    Worker& worker = *workers_[number];
    worker.effects.clear();
    Scope<P, C> scope(store_, v, worker.effects, options_.seed);
    if (options_.trace != nullptr)
      run_traced(program_, store_, scope, v, worker.effects, options_.trace->workers[number]);
    else
      program_.update(scope);
    ++store_.runs(v);
    ++worker.updates;
    tell(v, worker);
  }

  // -- What travels ---------------------------------------------------------------------------------------
  void tell(LocalId v, Worker& worker) {
    const ScopeEffects& effects = worker.effects;
    for (const ScopeEffects::Signal& signal : effects.signals) {
      if (signal.vertex < graph_.masters()) {
        std::atomic_ref(scheduled_[signal.vertex]).store(1, std::memory_order_relaxed);
      } else {
        RecordWriter& out = to(worker, graph_.home(signal.vertex).rank, Kind::signal);
        out.put(graph_.home(signal.vertex).local);
      }
    }
    if (comm_.size() == 1) return;
    if constexpr (ScopeStore<P>::has_edges)
      for (const EdgeId e : effects.edges)
        if (const auto* const cut = graph_.cut_of(e)) {
          RecordWriter& out = to(worker, cut->rank, Kind::write_edge);
          out.put(static_cast<EdgeId>(e - cut->begin));
          out.put(store_.template edge<false>(e));
        }
    if constexpr (!kWritesNeighbours) {
      if (effects.own) push(v, worker);
    } else {
      if (effects.own) worker.written.push_back(v);
      for (const LocalId u : effects.neighbours) {
        if (u < graph_.masters())
          worker.written.push_back(u);
        else
          put_data(to(worker, graph_.home(u).rank, Kind::write), graph_.home(u).local, u);
      }
    }
  }
  static RecordWriter& to(Worker& worker, int rank, Kind kind) {
    RecordWriter& out = worker.out[static_cast<std::size_t>(rank)];
    out.put(kind);
    return out;
  }
  void put_data(RecordWriter& out, LocalId there, LocalId here) const {
    out.put(there);
    out.put(store_.version(here));
    out.put(store_.template data<false>(here));
  }
  void push(LocalId v, Worker& worker) const {
    for (const CopyIndex::Copy& copy : copies_.of(v))
      put_data(to(worker, graph_.plan().peers[copy.peer].rank, Kind::push), copy.position, v);
  }
  // Each master that anybody has written, once.
  void push_written() {
    for (const auto& worker : workers_) {
      for (const LocalId v : worker->written)
        if (std::exchange(written_[v], std::uint8_t{1}) == 0) push(v, *workers_.front());
    }
    for (const auto& worker : workers_) {
      for (const LocalId v : worker->written) written_[v] = 0;
      worker->written.clear();
    }
  }

  void swap_news() {
    std::vector<BigArray<std::byte>> outgoing(static_cast<std::size_t>(comm_.size()));
    for (std::size_t r = 0; r < outgoing.size(); ++r) {
      std::size_t size = 0;
      for (const auto& worker : workers_) size += worker->out[r].size();
      outgoing[r] = BigArray<std::byte>(size);
      auto at = outgoing[r].begin();
      for (const auto& worker : workers_) {
        at = std::ranges::copy(worker->out[r].bytes(), at).out;
        worker->out[r].clear();
      }
      bytes_to_[r] += size;
    }
    const Stopwatch waiting;
    const std::vector<BigArray<std::byte>> incoming = exchange(comm_, std::move(outgoing));
    waited_ += waiting.seconds();
    for (std::size_t r = 0; r < incoming.size(); ++r) hear(static_cast<int>(r), incoming[r]);
  }
  void hear(int from, const BigArray<std::byte>& bytes) {
    RecordReader news(std::span(bytes.data(), bytes.size()));
    while (!news.done()) switch (news.get<Kind>()) {
        case Kind::push:
          receive(news,
                  static_cast<LocalId>(peer_of_[static_cast<std::size_t>(from)]->ghosts.targets + news.get<LocalId>()));
          break;
        case Kind::write: {
          const auto v = news.get<LocalId>();
          receive(news, v);
          workers_.front()->written.push_back(v);
          break;
        }
        case Kind::write_edge:
          if constexpr (ScopeStore<P>::has_edges) {
            const auto place = news.get<EdgeId>();
            const auto cut = std::ranges::find(graph_.cut_edges(), from, &ScopeGraph::CutEdges::rank);
            store_.template set_edge<false>(cut->begin + place, news.get<EdgeData>());
          }
          break;
        case Kind::signal:
          scheduled_[news.get<LocalId>()] = 1;
          break;
      }
  }
  void receive(RecordReader& news, LocalId v) {
    const auto version = news.get<std::uint32_t>();
    store_.template receive_data<false>(v, news.get<Data>(), version);
  }

  const ScopeGraph& graph_;
  const P& program_;
  const ScopeOptions& options_;
  Communicator& comm_;
  ScopeStore<P> store_;
  CopyIndex copies_;
  Colouring colouring_;
  std::vector<std::size_t> begins_;  // of the colours' members
  BigArray<LocalId> members_;
  BigArray<std::uint8_t> scheduled_, written_;
  std::vector<LocalId> batch_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::uint64_t> bytes_to_;
  std::vector<const GhostPlan::Peer*> peer_of_;  // by rank
  double waited_ = 0;
};

/// Runs an update program under options.consistency until no vertex is scheduled. Looks at no scheduler, pipeline, locks or
/// watchdog. Collective. Throws UsageError for vertex consistency, and for a level weaker than the program needs.
template <class P>
ScopeResult<P> run_chromatic(const ScopeGraph& graph, const P& program, const ScopeOptions& options = {}) {
  static_assert(detail::check_update_program<P>());
  if (options.consistency == Consistency::vertex)
    throw UsageError("--consistency vertex: colours are there to keep neighbours apart: edge or full");
  return at_level<P>(options.consistency, [&]<Consistency C>() {
    if constexpr (C == Consistency::vertex)
      return ScopeResult<P>();
    else
      return ChromaticEngine<P, C>(graph, program, options).run();
  });
}

}  // namespace gasket
