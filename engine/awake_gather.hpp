#pragma once
// Supersteps of gather programs whose vertices sleep while no neighbour changes: awake vertices sum over all their
// edges, ghost sums are reduced to masters, masters apply, changed values are broadcast to ghosts, and whoever has a
// changed neighbour is awake in the next superstep.

#include "engine/ghost_sync.hpp"
#include "engine/row_sums.hpp"
#include "engine/traverse.hpp"
#include "engine/wakefulness.hpp"

namespace gasket {

template <class P>
class AwakeGather {
  using Accum = typename P::Accum;
  using Global = GlobalOf<P>;

 public:
  /// Memory: an Accum per local vertex beside the bits of who is awake.
  AwakeGather(const DistributedGraph& graph, const P& program, const FlowRows& rows, VertexValues<P>& values)
      : graph_(graph),
        program_(program),
        rows_(rows),
        values_(values),
        reduce_(graph.communicator(), graph.ghost_plan(), Tag::reduce),
        vertices_(graph, program, rows, values),
        accums_(graph.locals(), Accum{}),
        cut_(cut_flow(graph, rows)) {}

  void seed(LocalId master) { vertices_.seed(master); }
  void start() { vertices_.start(); }

  StepResult<Global> step(Direction wanted, const Global& global) {
    const Direction direction =
        wanted == Direction::push || rows_.pull[0] == nullptr ? Direction::push : Direction::pull;
    reduce_.start_reduce(rows_.flow);
    if (direction == Direction::push) {
      push_sums(program_, rows_.push, graph_.locals(), values_.ghosts(), accums_.data(),
                [&](LocalId v) { return vertices_.awake(v); });
      for (std::size_t i = 0; i < peers(); ++i) send_sums(i);
    } else {
      for (std::size_t i = 0; i < peers(); ++i) {
        pull(cut_.ghosts[i]);
        send_sums(i);
      }
      pull(cut_.masters);
    }
    reduce_.finish_reduce(rows_.flow, [&](LocalId master, const Accum& sum) { accums_[master] += sum; });
    return vertices_.settle([&](LocalId master) { return applied(program_, values_, master, accums_[master], global); },
                            direction);
  }

  SyncCounts take_counts() {
    const SyncCounts a = reduce_.take_counts(), b = vertices_.take_counts();
    return {a.sent + b.sent, a.skipped + b.skipped};
  }

 private:
  std::size_t peers() const { return graph_.ghost_plan().peers.size(); }

  void pull(const RowCut& cut) {
    parallel::for_each_index(cut.blocks.size(), [&](std::size_t b) {
      for (LocalId v = cut.blocks[b].begin; v < cut.blocks[b].end; ++v)
        if (vertices_.awake(v)) accums_[v] = pull_row(program_, rows_.pull, v, values_.ghosts());
    });
    sum_pieces(program_, cut.pieces, values_.ghosts(), accums_.data(), [&](LocalId v) { return vertices_.awake(v); });
  }

  void send_sums(std::size_t i) {
    reduce_.send_reduce(
        rows_.flow, i, [&](LocalId ghost) { return vertices_.awake(ghost); },
        [&](LocalId ghost) -> const Accum& { return accums_[ghost]; });
  }

  const DistributedGraph& graph_;
  const P& program_;
  const FlowRows& rows_;
  VertexValues<P>& values_;
  GhostSync<Accum> reduce_;
  Wakefulness<P> vertices_;
  BigArray<Accum> accums_;
  FlowCut cut_;
};

}  // namespace gasket
