#pragma once
// What the kinds of superstep share: the rows they read, and what a superstep comes to.

#include <chrono>
#include <cstdint>
#include <vector>

#include "engine/program.hpp"
#include "engine/row_blocks.hpp"
#include "engine/run_record.hpp"
#include "partition/graph/distributed_graph.hpp"
#include "partition/parallel.hpp"

namespace gasket {

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The rows that a program's values flow over, from the side that takes (pull) and from the side that gives (push).
/// The first of a pair is null where the graph was loaded without those rows.
struct FlowRows {
  Flow flow;
  RowSets pull;
  RowSets push;
};

/// The rows to pull over, cut into pieces for workers: of each peer's written ghosts, whose sums travel, and of masters.
struct FlowCut {
  std::vector<RowCut> ghosts;
  RowCut masters;
};
inline FlowCut cut_flow(const DistributedGraph& graph, const FlowRows& rows) {
  FlowCut cut;
  if (rows.pull[0] == nullptr) return cut;
  for (const GhostPlan::Peer& peer : graph.ghost_plan().peers) {
    const GhostPlan::Range range = peer.ghosts.written(rows.flow);
    cut.ghosts.push_back(cut_rows(rows.pull, static_cast<LocalId>(range.begin), static_cast<LocalId>(range.end)));
  }
  cut.masters = cut_rows(rows.pull, 0, graph.masters());
  return cut;
}

/// What this rank did in a superstep.
template <class Global>
struct StepResult {
  std::uint64_t applied = 0;
  std::uint64_t changed = 0;
  std::uint64_t pending = 0;  // vertices that have work in the next superstep
  Global global{};
  Direction direction = Direction::pull;
};

/// Counts of one pass over masters, and its part of the aggregate; combined in the order of the pieces of the pass, so
/// that sums have the same bits for any number of threads.
template <class Global>
struct PassResult {
  std::uint64_t applied = 0;
  std::uint64_t changed = 0;
  Global global{};

  friend PassResult operator+(PassResult a, const PassResult& b) {
    a.applied += b.applied;
    a.changed += b.changed;
    a.global += b.global;
    return a;
  }
};

/// Runs body(begin, end, result) over pieces of 0 .. size-1.
template <class Global, class Body>
PassResult<Global> pass_over(std::size_t size, std::size_t grain, const Body& body) {
  using Result = PassResult<Global>;
  return parallel::reduce_ranges<Result>(
      size, grain, {},
      [&](std::size_t begin, std::size_t end) {
        Result result;
        body(static_cast<LocalId>(begin), static_cast<LocalId>(end), result);
        return result;
      },
      [](const Result& a, const Result& b) { return a + b; });
}

/// Vertices per piece of a pass over masters; a multiple of 64, so that pieces do not share words of bitmaps.
inline constexpr std::size_t kPass = 4096;

}  // namespace gasket
