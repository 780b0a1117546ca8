#pragma once
// Supersteps of gather programs whose accumulator is no plain bytes: a histogram, a set. Sums are made, sent, merged and
// applied one vertex at a time, and none is kept; what apply gives waits until no row reads the old value any more.
// Sums of ghosts travel serialised (serial.hpp), in rounds of bounded size (segment_reduce.hpp).

#include "engine/segment_reduce.hpp"
#include "engine/serial.hpp"
#include "engine/traverse.hpp"
#include "engine/wakefulness.hpp"

namespace gasket {

template <class P>
class SerialGather {
  using Data = typename P::Data;
  using Accum = typename P::Accum;
  using Global = GlobalOf<P>;

 public:
  /// Memory: a Data per master, and what the sums of a round take, beside the bits of who is awake.
  SerialGather(const DistributedGraph& graph, const P& program, const FlowRows& rows, VertexValues<P>& values)
      : graph_(graph),
        program_(program),
        rows_(rows),
        values_(values),
        vertices_(graph, program, rows, values),
        segments_(graph.communicator(), graph.ghost_plan(), rows.flow, remote_arcs().span(), kArcsPerRound),
        writers_(static_cast<std::size_t>(parallel::threads())),
        blocks_(cut_into_blocks(rows.pull, 0, graph.masters(), kFineBlock)),
        next_(graph.masters()) {}

  void seed(LocalId master) { vertices_.seed(master); }
  void start() { vertices_.start(); }

  StepResult<Global> step(Direction, const Global& global) {
    const auto awake = [&](LocalId v) { return vertices_.awake(v); };
    if (segments_.rounds() == 0) apply_alone(global);
    for (std::size_t round = 0; round < segments_.rounds(); ++round) {
      segments_.send(round, awake, [&](LocalId ghost) {
        return writers_[static_cast<std::size_t>(parallel::worker_index())].write(sum_of_rows(ghost));
      });
      if (round == 0) apply_alone(global);
      segments_.receive(round, awake);
      apply_merged(round, global);
    }
    return vertices_.settle([&](LocalId master) { return next_[master]; }, Direction::pull);
  }

  SyncCounts take_counts() {
    SyncCounts counts = vertices_.take_counts();
    counts.sent += segments_.take_sent();
    return counts;
  }

 private:
  static constexpr std::uint64_t kArcsPerRound = std::uint64_t{1} << 22;
  static constexpr EdgeCount kFineBlock = EdgeCount{1} << 14;  // an accumulator that owns memory costs more per arc

  // Of each master, the arcs it gathers over that other ranks hold.
  BigArray<std::uint64_t> remote_arcs() const {
    BigArray<std::uint64_t> arcs(graph_.masters());
    for (LocalId v = 0; v < graph_.masters(); ++v) {
      arcs[v] = rows_.flow == Flow::backward ? graph_.out_degree(v) : graph_.in_degree(v);
      if (rows_.flow == Flow::both) arcs[v] += graph_.out_degree(v);
      arcs[v] -= degree(rows_.pull, v);
    }
    return arcs;
  }

  // The masters whose arcs are all here.
  void apply_alone(const Global& global) {
    parallel::for_each_index(blocks_.size(), [&](std::size_t b) {
      for (LocalId v = blocks_[b].begin; v < blocks_[b].end; ++v)
        if (vertices_.awake(v) && !segments_.has_copies(v))
          next_[v] = applied(program_, values_, v, sum_of_rows(v), global);
    });
  }
  // Those of a round that have copies, with what came from them.
  void apply_merged(std::size_t round, const Global& global) {
    const std::vector<RowBlock> blocks =
        cut_into_blocks(rows_.pull, segments_.begin(round), segments_.end(round), kFineBlock);
    parallel::for_each_index(blocks.size(), [&](std::size_t b) {
      for (LocalId v = blocks[b].begin; v < blocks[b].end; ++v) {
        if (!vertices_.awake(v) || !segments_.has_copies(v)) continue;
        Accum sum = sum_of_rows(v);
        segments_.for_each_segment(v, [&](std::span<const std::byte> bytes) { sum += read_serial<Accum>(bytes); });
        next_[v] = applied(program_, values_, v, sum, global);
      }
    });
  }
  // One sum, not the four of plain accumulators: these own memory.
  Accum sum_of_rows(LocalId v) const {
    Accum sum{};
    for (const Adjacency* rows : rows_.pull)
      if (rows != nullptr)
        for (EdgeCount i = rows->offsets[v]; i < rows->offsets[v + 1]; ++i)
          sum += edge_value(program_, edge_at<P>(*rows, i, values_.ghost(rows->neighbours[i])));
    return sum;
  }

  const DistributedGraph& graph_;
  const P& program_;
  const FlowRows& rows_;
  VertexValues<P>& values_;
  Wakefulness<P> vertices_;
  SegmentReduce segments_;
  std::vector<SerialWriter> writers_;  // per worker
  std::vector<RowBlock> blocks_;
  BigArray<Data> next_;
};

}  // namespace gasket
