#pragma once
// How much memory loading a graph will take, before a byte of it is kept.

#include "partition/graph/adjacency.hpp"
#include "partition/graph/distributed_graph.hpp"
#include "partition/io/edge_source.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

/// What decides about memory beside the size of the source.
struct LoadShape {
  bool weighted = false;
  bool undirected = false;
  bool takes_stored_rows = false;  // a .gsk file by one rank
  bool drops_first = false;        // duplicates, before edges are placed
  AdjacencyNeed need{};
  int threads = 1;
  PartId parts = 0;         // that edges are placed into; 0: as many as ranks
  PlacingMemory placing{};  // of the strategy
};

/// Bytes that each of `ranks` ranks has resident at its peak, the program itself included; `first`: rank 0, on which some
/// strategies gather all edges. Stages: while equal edges are brought together; while a strategy decides; while edges wait to be
/// placed and are received; while arcs are sorted; while rows are turned round. Per vertex a rank has the ids and degrees
/// of its masters and copies, leads where they are asked for, and while placing 4 bytes of every vertex of the graph.
/// Meant to be within a factor of 1.5 for graphs of some million edges and more.
double estimate_peak(const SourceSize& size, const LoadShape& shape, int ranks, bool first = true);

/// The fewest ranks that each stay below `limit`; 0 when no number does.
int ranks_needed(const SourceSize& size, const LoadShape& shape, double limit);

}  // namespace gasket
