#pragma once
// Supersteps of gather programs whose vertices sleep while no neighbour changes: awake vertices sum over all their
// edges, ghost sums are reduced to masters, masters apply, changed values are broadcast to ghosts, and whoever has a
// changed neighbour is awake in the next superstep.

#include "engine/bitmap.hpp"
#include "engine/combine.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/step.hpp"
#include "engine/traverse.hpp"
#include "engine/vertex_values.hpp"

namespace gasket {

template <class P>
class AwakeGather {
  using Traits = ProgramTraits<P>;
  using Data = typename P::Data;
  using Ghost = GhostOf<P>;
  using Accum = typename P::Accum;
  using Global = GlobalOf<P>;
  using Pass = PassResult<Global>;
  struct Nothing {};

 public:
  /// Memory: an Accum and 2 bits per local vertex.
  AwakeGather(const DistributedGraph& graph, const P& program, const FlowRows& rows, VertexValues<P>& values,
              WaitClock& clock)
      : graph_(graph),
        program_(program),
        rows_(rows),
        values_(values),
        clock_(clock),
        reduce_(graph.communicator(), graph.ghost_plan(), Tag::reduce),
        broadcast_(graph.communicator(), graph.ghost_plan(), Tag::broadcast),
        wake_(graph.communicator(), graph.ghost_plan(), Tag::wake),
        accums_(graph.locals(), Accum{}),
        changed_(graph.locals()),
        awake_(graph.locals()) {
    if (rows.pull[0] == nullptr) return;
    for (const GhostPlan::Peer& peer : graph.ghost_plan().peers) {
      const GhostPlan::Range range = peer.ghosts.written(rows.flow);
      ghost_cuts_.push_back(cut_rows(rows.pull, static_cast<LocalId>(range.begin), static_cast<LocalId>(range.end)));
    }
    master_cut_ = cut_rows(rows.pull, 0, graph.masters());
  }

  /// A master that is awake at first.
  void seed(LocalId master) { awake_.insert(master); }
  /// Sends the first values to the ghosts.
  void start() {
    spread_values([](LocalId) { return true; }, [](LocalId) {});
    spread_awake();
  }

  StepResult<Global> step(Direction wanted, const Global& global) {
    const Direction direction =
        wanted == Direction::push || rows_.pull[0] == nullptr ? Direction::push : Direction::pull;
    reduce_.start_reduce(rows_.flow);
    if (direction == Direction::push) {
      push_all();
      for (std::size_t i = 0; i < peers(); ++i) send_sums(i);
    } else {
      for (std::size_t i = 0; i < peers(); ++i) {
        pull(ghost_cuts_[i]);
        send_sums(i);
      }
      pull(master_cut_);
    }
    clock_.waited(
        [&] { reduce_.finish_reduce(rows_.flow, [&](LocalId master, const Accum& sum) { accums_[master] += sum; }); });
    changed_.clear();
    const Pass result = pass_over<Global>(graph_.masters(), kPass, [&](LocalId begin, LocalId end, Pass& piece) {
      for (LocalId v = begin; v < end; ++v) {
        if (awake_.contains(v))
          apply(v, global, piece);
        else if constexpr (Traits::has_global)
          piece.global += program_.aggregate(values_.vertex(v), values_.data(v), values_.data(v));
      }
    });
    spread_values([&](LocalId v) { return changed_.contains(v); }, [&](LocalId ghost) { changed_.insert(ghost); });
    wake_neighbours();
    return {result.applied, result.changed, awake_.count(0, graph_.masters()), result.global, direction};
  }

  SyncCounts take_counts() {
    wake_.take_counts();
    const SyncCounts a = reduce_.take_counts(), b = broadcast_.take_counts();
    return {a.sent + b.sent, a.skipped + b.skipped};
  }

 private:
  std::size_t peers() const { return graph_.ghost_plan().peers.size(); }

  void apply(LocalId v, const Global& global, Pass& piece) {
    const Vertex view = values_.vertex(v);
    const Data before = values_.data(v);
    Data after = before;
    if constexpr (Traits::has_global)
      after = program_.apply(view, before, accums_[v], global);
    else
      after = program_.apply(view, before, accums_[v]);
    if constexpr (Traits::has_global) piece.global += program_.aggregate(view, before, after);
    ++piece.applied;
    values_.access().refine(v, after);
    if (!differs(program_, before, after)) return;
    values_.access().store(program_, v, after);
    changed_.insert(v);
    ++piece.changed;
  }

  void pull(const RowCut& cut) {
    parallel::for_each_index(cut.blocks.size(), [&](std::size_t b) {
      for (LocalId v = cut.blocks[b].begin; v < cut.blocks[b].end; ++v)
        if (awake_.contains(v)) accums_[v] = pull_row(program_, rows_.pull, v, values_.ghosts());
    });
    std::vector<Accum> sums(cut.pieces.size());
    parallel::for_each_index(cut.pieces.size(), [&](std::size_t i) {
      const RowPiece& piece = cut.pieces[i];
      if (awake_.contains(piece.row))
        sums[i] = pull_arcs(program_, *piece.rows, piece.begin, piece.end, values_.ghosts());
    });
    for (const RowPiece& piece : cut.pieces) accums_[piece.row] = Accum{};
    for (std::size_t i = 0; i < cut.pieces.size(); ++i) accums_[cut.pieces[i].row] += sums[i];
  }

  void push_all() {
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      std::fill(accums_.begin() + begin, accums_.begin() + end, Accum{});
    });
    const bool alone = parallel::threads() == 1;
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      for (std::size_t u = begin; u < end; ++u)
        for (const Adjacency* rows : rows_.push)
          if (rows != nullptr)
            push_arcs(program_, *rows, rows->offsets[u], rows->offsets[u + 1], values_.ghost(static_cast<LocalId>(u)),
                      [&](LocalId t, const Accum& value) {
                        if (!awake_.contains(t)) return;
                        if (alone)
                          accums_[t] += value;
                        else
                          combine_shared(accums_[t], value);
                      });
    });
  }

  void send_sums(std::size_t i) {
    reduce_.send_reduce(
        rows_.flow, i, [&](LocalId ghost) { return awake_.contains(ghost); },
        [&](LocalId ghost) -> const Accum& { return accums_[ghost]; });
  }

  // Broadcasts the ghost value of the chosen masters; tells of each ghost that got one.
  template <class Chosen, class Arrived>
  void spread_values(const Chosen& chosen, const Arrived& arrived) {
    broadcast_.start_broadcast(rows_.flow);
    for (std::size_t i = 0; i < peers(); ++i)
      broadcast_.send_broadcast(rows_.flow, i, chosen, [&](LocalId v) -> const Ghost& { return values_.ghost(v); });
    clock_.waited([&] {
      broadcast_.finish_broadcast(rows_.flow, [&](LocalId ghost, const Ghost& value) {
        values_.ghost_array()[ghost] = value;
        arrived(ghost);
      });
    });
  }

  // A ghost sums over its rows when its master is awake: awake bits go to the ghosts that arcs write to.
  void spread_awake() {
    const Flow against = rows_.flow == Flow::forward    ? Flow::backward
                         : rows_.flow == Flow::backward ? Flow::forward
                                                        : Flow::both;
    wake_.start_broadcast(against);
    for (std::size_t i = 0; i < peers(); ++i)
      wake_.send_broadcast(
          against, i, [&](LocalId v) { return awake_.contains(v); }, [](LocalId) { return Nothing{}; });
    clock_.waited([&] { wake_.finish_broadcast(against, [&](LocalId ghost, Nothing) { awake_.insert(ghost); }); });
  }

  void wake_neighbours() {
    awake_.clear();
    if (rows_.push[0] != nullptr)
      wake_by_push();
    else
      wake_by_pull();
    wake_.start_reduce(rows_.flow);
    for (std::size_t i = 0; i < peers(); ++i)
      wake_.send_reduce(
          rows_.flow, i, [&](LocalId ghost) { return awake_.contains(ghost); }, [](LocalId) { return Nothing{}; });
    clock_.waited([&] { wake_.finish_reduce(rows_.flow, [&](LocalId master, Nothing) { awake_.insert(master); }); });
    spread_awake();
  }
  void wake_by_push() {
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      changed_.for_each(begin, end, [&](std::size_t u) {
        for (const Adjacency* rows : rows_.push)
          if (rows != nullptr)
            for (const LocalId t : rows->row(static_cast<LocalId>(u))) awake_.insert_shared(t);
      });
    });
  }
  void wake_by_pull() {
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      for (std::size_t v = begin; v < end; ++v)
        for (const Adjacency* rows : rows_.pull)
          if (rows != nullptr &&
              std::ranges::any_of(rows->row(static_cast<LocalId>(v)), [&](LocalId u) { return changed_.contains(u); }))
            awake_.insert(v);
    });
  }

  const DistributedGraph& graph_;
  const P& program_;
  const FlowRows& rows_;
  VertexValues<P>& values_;
  WaitClock& clock_;
  GhostSync<Accum> reduce_;
  GhostSync<Ghost> broadcast_;
  GhostSync<Nothing> wake_;
  BigArray<Accum> accums_;
  RowCut master_cut_;
  std::vector<RowCut> ghost_cuts_;  // by peer: its written ghosts
  Bitmap changed_;
  Bitmap awake_;
};

}  // namespace gasket
