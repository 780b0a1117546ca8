#pragma once
// Core numbers: the largest k such that a vertex is in a subgraph whose vertices all have k edges or more in it (Seidman
// 1983). Found by peeling (Batagelj, Zaversnik 2003): while a vertex has at most k edges left, it and they are taken
// away and its core number is k; when none has, k grows to the fewest edges that any vertex has left. A rank peels what
// it can alone at each k and scans only who is left (Kabir, Madduri: Parallel k-core Decomposition on Multicore
// Platforms, IPDPSW 2017); then ghosts tell their masters how many edges went, masters tell ghosts that they went.
//
// Edges count as they are stored, parallel ones each, in either direction; self loops do not count. On graphs without
// parallel or opposite edges, undirected, that is core_number of NetworkX.

#include "engine/run_record.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

struct CoreNumbersResult {
  BigArray<std::uint32_t> cores;  // of the masters, by local id
  std::uint32_t highest = 0;
  /// One superstep per k that a core number has; active counts the vertices that have it.
  RunRecord record;
};

/// The rows that find_core_numbers reads.
inline AdjacencyNeed core_numbers_need() { return {true, true}; }

/// Collective. Memory: 8 bytes per master, 4 per ghost, and an id per vertex of a frontier. Vertices have less than 2^32
/// edges.
CoreNumbersResult find_core_numbers(const DistributedGraph& graph);

}  // namespace gasket
