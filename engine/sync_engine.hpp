#pragma once
// The synchronous engine: supersteps that all ranks take together.
//
// A gather program's superstep: awake vertices sum over their edges (first the rows of ghosts, whose sums travel, then
// the rows of masters), ghost sums are reduced to masters, masters apply, changed values are broadcast to ghosts, and
// whoever has a changed neighbour is awake in the next superstep. A scatter program's: every copy of a changed vertex
// makes its offers, offers to ghosts are reduced to masters, masters that got one apply, changed values are broadcast.
// Both end when nobody is awake, when the program says converged, or at the limit.

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>

#include "engine/ghost_sync.hpp"
#include "engine/program.hpp"
#include "engine/run_record.hpp"
#include "engine/traverse.hpp"
#include "partition/graph/distributed_graph.hpp"
#include "partition/parallel.hpp"

namespace gasket {

struct SyncOptions {
  std::uint64_t max_supersteps = std::numeric_limits<std::uint64_t>::max();
  /// push or pull for every superstep; by default the engine chooses from the density of the frontier.
  Direction direction = Direction::automatic;
  /// Told of every superstep when it has ended; the same on every rank, but for rank 0's direction.
  std::function<void(const SuperstepRecord&)> on_superstep{};
};

template <class P>
struct RunResult {
  BigArray<typename P::Data> values;  // of the masters, by local id
  GlobalOf<P> global{};
  RunRecord record;
};

/// The rows that the synchronous engine reads for a program, to be asked for when the graph is loaded.
template <class P>
AdjacencyNeed adjacency_need(Direction direction = Direction::automatic) {
  using Traits = ProgramTraits<P>;
  if (Traits::flow == Flow::both) return {true, true};
  const bool pull = direction != Direction::push;
  // Waking the neighbours of what changed walks the other rows, and a sparse frontier is pushed.
  const bool push = direction != Direction::pull && !(Traits::always_awake && direction == Direction::automatic);
  return Traits::flow == Flow::forward ? AdjacencyNeed{pull, push} : AdjacencyNeed{push, pull};
}

template <class P>
class SyncEngine {
  using Traits = ProgramTraits<P>;
  using Data = typename P::Data;
  using Ghost = GhostOf<P>;
  using Accum = typename P::Accum;
  using Global = GlobalOf<P>;
  struct Nothing {};

 public:
  SyncEngine(const DistributedGraph& graph, const P& program, const SyncOptions& options)
      : graph_(graph),
        program_(program),
        options_(options),
        comm_(graph.communicator()),
        flow_(!graph.directed() && Traits::flow == Flow::both ? Flow::forward : Traits::flow),
        reduce_(comm_, graph.ghost_plan(), Tag::reduce),
        broadcast_(comm_, graph.ghost_plan(), Tag::broadcast),
        wake_(comm_, graph.ghost_plan(), Tag::wake) {
    choose_rows();
    if constexpr (Traits::weighted)
      if (!graph.weighted()) refuse("this program needs edge weights, and the graph has none");
    if constexpr (Traits::always_awake && !Traits::has_converged)
      if (options.max_supersteps == SyncOptions().max_supersteps)
        refuse("a program that is always awake and has no 'converged' never ends: give a limit of supersteps");
  }

  RunResult<P> run() {
    const Stopwatch total;
    initialise();
    RunResult<P> result;
    while (result.record.supersteps.size() < options_.max_supersteps && awake_anywhere_) {
      const SuperstepRecord step = superstep();
      result.record.supersteps.push_back(step);
      result.record.updates += step.updates;
      if (options_.on_superstep) options_.on_superstep(step);
      if constexpr (Traits::has_converged)
        if (program_.converged(global_)) awake_anywhere_ = false;
    }
    result.record.converged = !awake_anywhere_;
    result.record.seconds = total.seconds();
    result.global = global_;
    if constexpr (Traits::projects) {
      result.values = std::move(data_);
    } else {
      result.values = std::move(ghosts_);
      result.values.shrink(graph_.masters());
    }
    return result;
  }

 private:
  class Stopwatch {
   public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

   private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  };

  // Worker-local counts of one pass over masters, and the aggregate.
  struct PassResult {
    std::uint64_t applied = 0;
    std::uint64_t changed = 0;
    Global global{};
  };
  static constexpr std::size_t kPass =
      4096;  // vertices per piece of a pass; a multiple of 64, so bitmap words are not shared

  [[noreturn]] static void refuse(const char* sentence) {
    UsageError error(sentence);
    error.set_agreed();  // every rank sees the same graph and program
    throw error;
  }

  // -- Set-up ---------------------------------------------------------------------------------------------

  void choose_rows() {
    const Adjacency* target = graph_.has_by_target() ? &graph_.by_target() : nullptr;
    const Adjacency* source = graph_.has_by_source() ? &graph_.by_source() : nullptr;
    if (flow_ == Flow::both) {
      if (target == nullptr || source == nullptr)
        refuse("a program over edges of both directions needs both adjacencies");
      pull_ = push_ = {target, source};
    } else {
      pull_ = {flow_ == Flow::forward ? target : source, nullptr};
      push_ = {flow_ == Flow::forward ? source : target, nullptr};
    }
    if (options_.direction == Direction::pull && pull_[0] == nullptr)
      refuse("the graph was loaded without the rows to pull over");
    if (options_.direction == Direction::push && push_[0] == nullptr)
      refuse("the graph was loaded without the rows to push over");
    if (pull_[0] != nullptr) {
      // One cut per peer's written ghosts and one for the masters; both row sets count for nothing more than balance.
      for (const GhostPlan::Peer& peer : graph_.ghost_plan().peers) {
        const GhostPlan::Range range = peer.ghosts.written(flow_);
        ghost_blocks_.push_back(
            cut_rows(*pull_[0], static_cast<LocalId>(range.begin), static_cast<LocalId>(range.end)));
      }
      master_blocks_ = cut_rows(*pull_[0], 0, graph_.masters());
    }
    if (push_[0] != nullptr) push_blocks_ = cut_rows(*push_[0], 0, graph_.locals());
  }

  Vertex vertex(LocalId v) const {
    return {graph_.external_id(v), graph_.global_id(v), graph_.vertices(), graph_.in_degree(v), graph_.out_degree(v)};
  }
  const Data& data(LocalId v) const {
    if constexpr (Traits::projects)
      return data_[v];
    else
      return ghosts_[v];
  }
  void store(LocalId v, const Data& value) {
    if constexpr (Traits::projects) {
      data_[v] = value;
      ghosts_[v] = program_.ghost(vertex(v), value);
    } else {
      ghosts_[v] = value;
    }
  }
  bool differs(const Data& before, const Data& after) const {
    if constexpr (Traits::has_changed)
      return program_.changed(before, after);
    else
      return !(before == after);
  }

  // Runs body(v, result) over pieces of the masters and combines in order.
  template <class Body>
  PassResult pass(const Body& body) {
    return parallel::reduce_ranges<PassResult>(
        graph_.masters(), kPass, {},
        [&](std::size_t begin, std::size_t end) {
          PassResult result;
          body(static_cast<LocalId>(begin), static_cast<LocalId>(end), result);
          return result;
        },
        [](PassResult a, const PassResult& b) {
          a.applied += b.applied;
          a.changed += b.changed;
          a.global += b.global;
          return a;
        });
  }

  void initialise() {
    const LocalId locals = graph_.locals();
    if constexpr (Traits::projects) data_ = BigArray<Data>(graph_.masters());
    ghosts_ = BigArray<Ghost>(locals);
    accums_ = BigArray<Accum>(locals, Accum{});
    changed_ = Bitmap(locals);
    awake_ = Bitmap(locals);
    const PassResult first = pass([&](LocalId begin, LocalId end, PassResult& result) {
      for (LocalId v = begin; v < end; ++v) {
        const Vertex view = vertex(v);
        const Data value = program_.init(view);
        store(v, value);
        bool seeded = true;
        if constexpr (Traits::has_seed) seeded = program_.seed(view);
        if (seeded) {
          ++result.changed;
          (Traits::gathers ? awake_ : changed_).insert(v);
        }
        if constexpr (Traits::has_global) result.global += program_.aggregate(view, value, value);
      }
    });
    // Every ghost needs its first value; of scatter programs the seeds' copies also need to know that they may offer.
    spread_values([](LocalId) { return true; }, [](LocalId) {});
    if constexpr (!Traits::gathers)
      spread_positions(changed_, flow_);
    else if constexpr (!Traits::always_awake)
      spread_awake();
    broadcast_.take_counts();
    wake_.take_counts();
    const Summary summary = summarise(first);
    awake_anywhere_ = summary.changed > 0;
    global_ = summary.global;
  }

  // -- Supersteps -----------------------------------------------------------------------------------------

  SuperstepRecord superstep() {
    const Stopwatch whole;
    wait_ = 0;
    const std::uint64_t bytes_before = comm_.bytes_sent();
    const Direction direction = choose_direction();
    const PassResult applied = step(direction);
    const double local = whole.seconds();
    step_bytes_ = comm_.bytes_sent() - bytes_before;
    step_compute_ = local - wait_;
    const Summary summary = summarise(applied);
    awake_anywhere_ = Traits::always_awake || summary.changed > 0;
    global_ = summary.global;

    SuperstepRecord record;
    record.seconds = whole.seconds();
    record.compute_seconds = summary.compute;
    record.wait_seconds = summary.wait;
    record.active = summary.changed;
    record.updates = summary.applied;
    record.bytes_sent = summary.bytes;
    record.values_sent = summary.sent;
    record.values_skipped = summary.skipped;
    record.direction = direction;
    return record;
  }

  Direction choose_direction() const {
    if (options_.direction != Direction::automatic) return options_.direction;
    if (pull_[0] == nullptr) return Direction::push;
    if (Traits::gathers || push_[0] == nullptr) return Direction::pull;
    // Push costs more per edge than pull (shared accumulators), pull looks at every edge.
    EdgeCount active_arcs = 0;
    const EdgeCount limit = push_[0]->arcs() / kPullFrom;
    changed_.for_each(0, graph_.locals(),
                      [&](std::size_t v) { active_arcs += push_[0]->degree(static_cast<LocalId>(v)); });
    return active_arcs > limit ? Direction::pull : Direction::push;
  }
  static constexpr EdgeCount kPullFrom = 8;

  PassResult step(Direction direction) {
    if constexpr (Traits::gathers)
      return gather_step(direction);
    else
      return scatter_step(direction);
  }

  PassResult gather_step(Direction direction) {
    reduce_.start_reduce(flow_);
    if (direction == Direction::push) {
      push_all();
      for (std::size_t i = 0; i < ghost_peers(); ++i) send_sums(i);
    } else {
      for (std::size_t i = 0; i < ghost_peers(); ++i) {
        pull_blocks(ghost_blocks_[i]);
        send_sums(i);
      }
      pull_blocks(master_blocks_);
    }
    waited([&] { reduce_.finish_reduce(flow_, [&](LocalId master, const Accum& sum) { accums_[master] += sum; }); });

    changed_.clear();
    const PassResult result = pass([&](LocalId begin, LocalId end, PassResult& piece) {
      for (LocalId v = begin; v < end; ++v) {
        if (is_awake(v)) {
          apply(v, piece);
          ++piece.applied;
        } else {
          aggregate(v, data(v), data(v), piece);
        }
      }
    });
    spread_values([&](LocalId v) { return changed_.contains(v); }, [&](LocalId ghost) { changed_.insert(ghost); });
    if constexpr (!Traits::always_awake) wake_neighbours();
    return result;
  }

  PassResult scatter_step(Direction direction) {
    awake_.clear();  // here: who got an offer
    reduce_.start_reduce(flow_);
    if (direction == Direction::push)
      push_changed();
    else
      pull_changed();
    for (std::size_t i = 0; i < ghost_peers(); ++i) {
      send_sums(i);
      const GhostPlan::Range range = graph_.ghost_plan().peers[i].ghosts.written(flow_);
      awake_.for_each(range.begin, range.end, [&](std::size_t ghost) { accums_[ghost] = Accum{}; });
    }
    waited([&] {
      reduce_.finish_reduce(flow_, [&](LocalId master, const Accum& offer) {
        accums_[master] += offer;
        awake_.insert(master);
      });
    });
    changed_.clear();
    const PassResult result = pass([&](LocalId begin, LocalId end, PassResult& piece) {
      if constexpr (Traits::has_global) {
        for (LocalId v = begin; v < end; ++v) {
          if (awake_.contains(v))
            apply_offer(v, piece);
          else
            aggregate(v, data(v), data(v), piece);
        }
      } else {
        awake_.for_each(begin, end, [&](std::size_t v) { apply_offer(static_cast<LocalId>(v), piece); });
      }
    });
    spread_values([&](LocalId v) { return changed_.contains(v); }, [&](LocalId ghost) { changed_.insert(ghost); });
    return result;
  }

  bool is_awake(LocalId v) const {
    if constexpr (Traits::always_awake)
      return true;
    else
      return awake_.contains(v);
  }

  void aggregate(LocalId v, const Data& before, const Data& after, PassResult& piece) const {
    if constexpr (Traits::has_global) piece.global += program_.aggregate(vertex(v), before, after);
  }

  void apply(LocalId v, PassResult& piece) {
    const Data before = data(v);
    const Vertex view = vertex(v);
    Data after = before;
    if constexpr (Traits::has_global)
      after = program_.apply(view, before, accums_[v], global_);
    else
      after = program_.apply(view, before, accums_[v]);
    aggregate(v, before, after, piece);
    const bool news = differs(before, after);
    // Without news the neighbours keep what they know; the master itself may still refine its own value.
    if constexpr (Traits::projects) data_[v] = after;
    if (!news) return;
    store(v, after);
    changed_.insert(v);
    ++piece.changed;
  }
  void apply_offer(LocalId v, PassResult& piece) {
    apply(v, piece);
    accums_[v] = Accum{};
    ++piece.applied;
  }

  // -- Edges ----------------------------------------------------------------------------------------------

  std::size_t ghost_peers() const { return graph_.ghost_plan().peers.size(); }

  void pull_blocks(const std::vector<RowBlock>& blocks) {
    parallel::for_each_index(blocks.size(), [&](std::size_t b) {
      const Ghost* const ghosts = ghosts_.data();
      for (LocalId v = blocks[b].begin; v < blocks[b].end; ++v) {
        if (!is_awake(v)) continue;
        Accum sum = pull_row(program_, *pull_[0], v, ghosts);
        if (pull_[1] != nullptr) sum += pull_row(program_, *pull_[1], v, ghosts);
        accums_[v] = sum;
      }
    });
  }

  void push_all() {
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      std::fill(accums_.begin() + begin, accums_.begin() + end, Accum{});
    });
    push_blocks_over([&](LocalId u, const Adjacency& rows, auto combine) {
      push_row(program_, rows, u, ghosts_.data(), [&](LocalId t, const Accum& value) {
        if (is_awake(t)) combine(accums_[t], value);
      });
    });
  }

  void push_changed() {
    push_blocks_over([&](LocalId u, const Adjacency& rows, auto combine) {
      if (!changed_.contains(u)) return;
      push_row(program_, rows, u, ghosts_.data(), [&](LocalId t, const Accum& offer) {
        combine(accums_[t], offer);
        combine.mark(awake_, t);
      });
    });
  }

  // Combining by one worker, and by several.
  struct Alone {
    void operator()(Accum& target, const Accum& value) const { target += value; }
    void mark(Bitmap& set, LocalId v) const { set.insert(v); }
  };
  struct Shared {
    void operator()(Accum& target, const Accum& value) const { combine_shared(target, value); }
    void mark(Bitmap& set, LocalId v) const { set.insert_shared(v); }
  };
  template <class Row>
  void push_blocks_over(const Row& row) {
    const auto run = [&](auto combine) {
      parallel::for_each_index(push_blocks_.size(), [&](std::size_t b) {
        for (const Adjacency* rows : push_)
          if (rows != nullptr)
            for (LocalId u = push_blocks_[b].begin; u < push_blocks_[b].end; ++u) row(u, *rows, combine);
      });
    };
    if (parallel::threads() == 1)
      run(Alone{});
    else
      run(Shared{});
  }

  void pull_changed() {
    const auto run = [&](const std::vector<RowBlock>& blocks) {
      parallel::for_each_index(blocks.size(), [&](std::size_t b) {
        for (LocalId v = blocks[b].begin; v < blocks[b].end; ++v) {
          bool any = false;
          Accum sum = pull_active(program_, *pull_[0], v, ghosts_.data(), changed_, any);
          if (pull_[1] != nullptr) sum += pull_active(program_, *pull_[1], v, ghosts_.data(), changed_, any);
          if (!any) continue;
          accums_[v] = sum;
          awake_.insert_shared(v);
        }
      });
    };
    for (const auto& blocks : ghost_blocks_) run(blocks);
    run(master_blocks_);
  }

  // -- Ghosts ---------------------------------------------------------------------------------------------

  template <class Body>
  void waited(const Body& body) {
    const Stopwatch watch;
    body();
    wait_ += watch.seconds();
  }

  void send_sums(std::size_t i) {
    reduce_.send_reduce(
        flow_, i, [&](LocalId ghost) { return is_awake(ghost); },
        [&](LocalId ghost) -> const Accum& { return accums_[ghost]; });
  }

  // Broadcasts the ghost value of the chosen masters; tells of each ghost that got one.
  template <class Chosen, class Arrived>
  void spread_values(const Chosen& chosen, const Arrived& arrived) {
    broadcast_.start_broadcast(flow_);
    for (std::size_t i = 0; i < ghost_peers(); ++i)
      broadcast_.send_broadcast(flow_, i, chosen, [&](LocalId v) -> const Ghost& { return ghosts_[v]; });
    waited([&] {
      broadcast_.finish_broadcast(flow_, [&](LocalId ghost, const Ghost& value) {
        ghosts_[ghost] = value;
        arrived(ghost);
      });
    });
  }

  // Copies a set of masters to their ghosts that the flow reads.
  void spread_positions(Bitmap& set, Flow flow) {
    wake_.start_broadcast(flow);
    for (std::size_t i = 0; i < ghost_peers(); ++i)
      wake_.send_broadcast(
          flow, i, [&](LocalId v) { return set.contains(v); }, [](LocalId) { return Nothing{}; });
    waited([&] { wake_.finish_broadcast(flow, [&](LocalId ghost, Nothing) { set.insert(ghost); }); });
  }

  // A ghost sums over its rows when its master is awake: awake bits go to the ghosts that arcs write to.
  void spread_awake() {
    spread_positions(awake_, flow_ == Flow::forward    ? Flow::backward
                             : flow_ == Flow::backward ? Flow::forward
                                                       : Flow::both);
  }

  // Gather programs: whoever has a changed giver is awake next.
  void wake_neighbours() {
    awake_.clear();
    if (push_[0] != nullptr) {
      push_blocks_over([&](LocalId u, const Adjacency& rows, auto combine) {
        if (!changed_.contains(u)) return;
        for (const LocalId t : rows.row(u)) combine.mark(awake_, t);
      });
    } else {
      parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
        for (std::size_t v = begin; v < end; ++v)
          for (const Adjacency* rows : pull_)
            if (rows != nullptr && std::ranges::any_of(rows->row(static_cast<LocalId>(v)),
                                                       [&](LocalId u) { return changed_.contains(u); }))
              awake_.insert(v);
      });
    }
    wake_.start_reduce(flow_);
    for (std::size_t i = 0; i < ghost_peers(); ++i)
      wake_.send_reduce(
          flow_, i, [&](LocalId ghost) { return awake_.contains(ghost); }, [](LocalId) { return Nothing{}; });
    waited([&] { wake_.finish_reduce(flow_, [&](LocalId master, Nothing) { awake_.insert(master); }); });
    spread_awake();
  }

  // -- The one collective of a superstep ------------------------------------------------------------------

  struct Summary {
    std::uint64_t changed = 0, applied = 0, bytes = 0, sent = 0, skipped = 0;
    double compute = 0, wait = 0;
    Global global{};
  };

  Summary summarise(const PassResult& result) {
    Summary mine;
    mine.changed = result.changed;
    mine.applied = result.applied;
    mine.bytes = step_bytes_;
    mine.compute = step_compute_;
    mine.wait = wait_;
    mine.global = result.global;
    for (const SyncCounts& counts : {reduce_.take_counts(), broadcast_.take_counts()}) {
      mine.sent += counts.sent;
      mine.skipped += counts.skipped;
    }
    return comm_.all_reduce(mine, [](Summary a, const Summary& b) {
      a.changed += b.changed;
      a.applied += b.applied;
      a.bytes += b.bytes;
      a.sent += b.sent;
      a.skipped += b.skipped;
      a.compute = std::max(a.compute, b.compute);
      a.wait = std::max(a.wait, b.wait);
      a.global += b.global;
      return a;
    });
  }

  const DistributedGraph& graph_;
  const P& program_;
  const SyncOptions& options_;
  Communicator& comm_;
  Flow flow_;
  GhostSync<Accum> reduce_;
  GhostSync<Ghost> broadcast_;
  GhostSync<Nothing> wake_;

  RowSets pull_{};
  RowSets push_{};
  std::vector<RowBlock> master_blocks_;
  std::vector<std::vector<RowBlock>> ghost_blocks_;  // by peer: its written ghosts
  std::vector<RowBlock> push_blocks_;

  BigArray<Data> data_;     // masters; unused when the ghost value is the data itself
  BigArray<Ghost> ghosts_;  // masters and ghosts
  BigArray<Accum> accums_;
  Bitmap changed_;
  Bitmap awake_;  // gather: who sums and applies; scatter: who got an offer
  Global global_{};
  bool awake_anywhere_ = true;

  double wait_ = 0;
  double step_compute_ = 0;
  std::uint64_t step_bytes_ = 0;
};

/// Runs a vertex program to its end on all ranks. Collective. The graph must have the rows of adjacency_need<P>().
/// Memory: per local vertex Ghost + Accum + 2 bits, per master Data where it differs from Ghost.
template <class P>
auto run_sync(const DistributedGraph& graph, const P& program, const SyncOptions& options = {}) {
  if constexpr (detail::check_program<P>()) return SyncEngine<P>(graph, program, options).run();
}

}  // namespace gasket
