#pragma once
// Strongly connected components. First vertices without an in- or out-arc among those left are taken off, again and
// again (trimming). Then the component of one vertex of high degree, most often the giant one, is what that vertex
// reaches and is reached from (Fleischer, Hendrickson, Pinar: On Identifying Strongly Connected Components in Parallel,
// 2000; Hong, Rodia, Olukotun: On Fast Parallel Detection of Strongly Connected Components in Small-World Graphs,
// SC'13). The rest is coloured (Orzan: On Distributed Verification and Verified Distribution, 2004): every vertex
// takes the smallest colour that reaches it, and the component of a vertex that keeps its own colour is what reaches
// it inside the colour; again until nobody is left. Colours are random, so that long chains of components fall apart in
// few rounds.
//
// In an undirected graph strong components are the weak ones (components.hpp).

#include "engine/run_record.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

struct StrongComponentsResult {
  /// Of the masters, by local id: the smallest global id in the vertex' strong component.
  BigArray<GlobalId> labels;
  /// One superstep for each time that something was trimmed or coloured; active counts the vertices labelled by it.
  RunRecord record;
};

/// The rows that find_strong_components reads.
inline AdjacencyNeed strong_components_need() { return {true, true}; }

/// Collective. Memory per local vertex: 8 bytes of colour, a byte and some bits; 8 bytes of label per master.
StrongComponentsResult find_strong_components(const DistributedGraph& graph);

}  // namespace gasket
