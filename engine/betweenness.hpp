#pragma once
// Betweenness: how many shortest paths lead through a vertex (Freeman 1977). For every source s a vertex v gets s's
// dependency on it, the sum over all targets t other than s and v of the part of the shortest paths from s to t that go
// through v. Dependencies are found by two sweeps per source (Brandes: A faster algorithm for betweenness centrality,
// 2001): outwards, level by level, the number of shortest paths to each vertex; and back, where with
//
//   x(v) = 1 / paths(v) + sum of x(w) over the arcs v -> w that lead one level on
//
// the dependency on v is paths(v) * x(v) - 1. Both sweeps choose level by level, and each rank for itself, whether the
// level's vertices give to their neighbours (push) or the neighbours' rows are read (pull): a sum over a row, of what is
// zero outside the level, so that it has neither atomics nor branches.
//
// Every parallel edge is a path of its own; self loops lie on no shortest path; weights are not looked at.

#include <functional>
#include <span>

#include "engine/run_record.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

struct BetweennessResult {
  BigArray<double> scores;  // of the masters, by local id: the sum of all sources' dependencies
  /// One superstep per source; active counts the vertices that it reaches.
  RunRecord record;
};

struct BetweennessOptions {
  /// push or pull for every level; by default each rank chooses by the arcs of the level.
  Direction direction = Direction::automatic;
  std::function<void(const SuperstepRecord&)> on_superstep{};
};

/// The rows that sum_dependencies reads.
inline AdjacencyNeed betweenness_need() { return {.waves = true}; }

/// Collective; `sources` are the same on every rank. Memory: 32 bytes per local vertex, 8 more per master and 24 per
/// copy. Numbers of paths are doubles, and from the source on where one passes 1e300 (grids have that many) long doubles,
/// for 24 more bytes per local vertex. Throws ResourceError (agreed) where they do not suffice either.
BetweennessResult sum_dependencies(const DistributedGraph& graph, std::span<const GlobalId> sources,
                                   const BetweennessOptions& options = {});

}  // namespace gasket
