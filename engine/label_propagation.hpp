#pragma once
// Communities by label propagation (Raghavan, Albert, Kumara: Near linear time algorithm to detect community structures
// in large-scale networks, Phys. Rev. E 76, 2007), in the synchronous and deterministic form of LDBC Graphalytics
// (Iosup et al., PVLDB 9(13), 2016; "CDLP"): every vertex begins with its own id as label, and in each iteration takes
// the label most frequent among its in- and out-neighbours, of several the smallest. A neighbour joined by several
// arcs, or both ways, counts each time; a vertex without neighbours keeps its label.
//
// It is no vertex program, for its accumulator is a histogram: what a row adds up to is as long as the row. So each row
// is counted at once in a worker's table, and only the histograms of ghosts are ever stored, as bytes on their way.

#include <cstdint>
#include <functional>

#include "engine/run_record.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

struct LabelPropagationOptions {
  std::uint64_t iterations = 10;
  /// Told of every iteration when it has ended; the same on every rank.
  std::function<void(const SuperstepRecord&)> on_superstep{};
  /// Arcs whose labels arrive from other ranks in one message round, a bound for memory (some 4 to 6 bytes each).
  std::uint64_t arcs_per_round = std::uint64_t{1} << 23;
  /// For tests: labels of 64 bits even where 32 hold them.
  bool wide = false;
};

struct LabelPropagationResult {
  /// Of the masters, by local id: the global id whose label it is. Global ids are in the order of external ids.
  BigArray<GlobalId> labels;
  /// Updates count the labels that were found anew; converged says that an iteration changed none.
  RunRecord record;
};

/// The rows that propagate_labels reads.
inline AdjacencyNeed label_propagation_need() { return {true, true, true}; }

/// Runs the iterations, fewer when none changes a label any more. Collective. Memory: labels of all local vertices (4
/// bytes each, 8 where there are more than 2^32 vertices) and of masters once more, two bits per local vertex, per copy
/// 12 to 16 bytes, and a table per worker as long as the different labels around one vertex.
LabelPropagationResult propagate_labels(const DistributedGraph& graph, const LabelPropagationOptions& options = {});

}  // namespace gasket
