#pragma once
// Who is awake in a gather program whose vertices sleep while no neighbour changes, and the end of its supersteps: masters
// take their new values, changed values are broadcast to ghosts, and whoever has a changed neighbour is awake next.

#include <algorithm>

#include "engine/ghost_sync.hpp"
#include "engine/step.hpp"
#include "engine/vertex_values.hpp"
#include "partition/bitmap.hpp"

namespace gasket {

template <class P>
class Wakefulness {
  using Traits = ProgramTraits<P>;
  using Data = typename P::Data;
  using Ghost = GhostOf<P>;
  using Global = GlobalOf<P>;
  using Pass = PassResult<Global>;
  struct Nothing {};

 public:
  /// Memory: 2 bits per local vertex.
  Wakefulness(const DistributedGraph& graph, const P& program, const FlowRows& rows, VertexValues<P>& values)
      : graph_(graph),
        program_(program),
        rows_(rows),
        values_(values),
        broadcast_(graph.communicator(), graph.ghost_plan(), Tag::broadcast),
        wake_(graph.communicator(), graph.ghost_plan(), Tag::wake),
        changed_(graph.locals()),
        awake_(graph.locals()) {}

  bool awake(LocalId v) const { return Traits::always_awake || awake_.contains(v); }
  /// A master that is awake at first.
  void seed(LocalId master) { awake_.insert(master); }
  /// Sends the first values to the ghosts.
  void start() {
    spread_values([](LocalId) { return true; }, [](LocalId) {});
    spread_awake();
  }

  /// Ends a superstep: awake masters become after(master). Collective.
  template <class After>
  StepResult<Global> settle(const After& after, Direction direction) {
    changed_.clear();
    const Pass result = pass_over<Global>(graph_.masters(), kPass, [&](LocalId begin, LocalId end, Pass& piece) {
      for (LocalId v = begin; v < end; ++v) {
        if (awake(v))
          take(v, after(v), piece);
        else if constexpr (Traits::has_global)
          piece.global += program_.aggregate(values_.vertex(v), values_.data(v), values_.data(v));
      }
    });
    spread_values([&](LocalId v) { return changed_.contains(v); }, [&](LocalId ghost) { changed_.insert(ghost); });
    if constexpr (Traits::always_awake)
      return {result.applied, result.changed, graph_.masters(), result.global, direction};
    wake_neighbours();
    return {result.applied, result.changed, awake_.count(0, graph_.masters()), result.global, direction};
  }

  SyncCounts take_counts() {
    wake_.take_counts();
    return broadcast_.take_counts();
  }

 private:
  std::size_t peers() const { return graph_.ghost_plan().peers.size(); }

  void take(LocalId v, const Data& after, Pass& piece) {
    const Data before = values_.data(v);
    if constexpr (Traits::has_global) piece.global += program_.aggregate(values_.vertex(v), before, after);
    ++piece.applied;
    values_.access().refine(v, after);
    if (!differs(program_, before, after)) return;
    values_.access().store(program_, v, after);
    changed_.insert(v);
    ++piece.changed;
  }

  // Broadcasts the ghost value of the chosen masters; tells of each ghost that got one.
  template <class Chosen, class Arrived>
  void spread_values(const Chosen& chosen, const Arrived& arrived) {
    broadcast_.start_broadcast(rows_.flow);
    for (std::size_t i = 0; i < peers(); ++i)
      broadcast_.send_broadcast(rows_.flow, i, chosen, [&](LocalId v) -> const Ghost& { return values_.ghost(v); });
    broadcast_.finish_broadcast(rows_.flow, [&](LocalId ghost, const Ghost& value) {
      values_.ghost_array()[ghost] = value;
      arrived(ghost);
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
    wake_.finish_broadcast(against, [&](LocalId ghost, Nothing) { awake_.insert(ghost); });
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
    wake_.finish_reduce(rows_.flow, [&](LocalId master, Nothing) { awake_.insert(master); });
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
  GhostSync<Ghost> broadcast_;
  GhostSync<Nothing> wake_;
  Bitmap changed_;
  Bitmap awake_;
};

/// What a gather program makes of the sum over a master's edges.
template <class P>
typename P::Data applied(const P& program, const VertexValues<P>& values, LocalId master, const typename P::Accum& sum,
                         const GlobalOf<P>& global) {
  if constexpr (ProgramTraits<P>::has_global)
    return program.apply(values.vertex(master), values.data(master), sum, global);
  else
    return program.apply(values.vertex(master), values.data(master), sum);
}

}  // namespace gasket
