#pragma once
// Triangles, and how much of a vertex' neighbourhood they close: counted on the undirected simple graph under the graph,
// in which neighbours in either direction count once and a vertex is no neighbour of itself.
//
// Every edge is kept at its end of lower degree, and each triangle is found once, at its lowest corner, by intersecting
// two rows: O(edges^1.5) at most (Chiba and Nishizeki, SIAM J. Comput. 14, 1985; Latapy, Main-memory triangle
// computations for very large (sparse (power-law)) graphs, Theor. Comput. Sci. 407, 2008). See skeleton.hpp for how rows
// lie on ranks and triangle_kernel.hpp for how they are intersected. Rows of other ranks are fetched in rounds, only
// those that are needed.

#include <cstdint>

#include "engine/run_record.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

struct TriangleOptions {
  /// Bytes of rows, and of what describes them, that a rank holds of other ranks at one time.
  std::uint64_t bytes_per_round = std::uint64_t{256} << 20;
  /// Arcs that a rank sends in one round while rows are built.
  std::uint64_t arcs_per_round = std::uint64_t{1} << 23;
  /// For tests: ids of 64 bits even where 32 hold them.
  bool wide = false;
};

struct TriangleResult {
  /// Triangles at each master, by local id.
  BigArray<std::uint64_t> counts;
  std::uint64_t triangles = 0;
  /// Pairs of neighbours of a vertex, over all vertices. 3 triangles / wedges is the global clustering coefficient.
  std::uint64_t wedges = 0;
  /// Seconds only: nothing is done in supersteps.
  RunRecord record;
};

struct ClusteringResult {
  /// Local clustering coefficients of the masters as LDBC Graphalytics defines them (Iosup et al., PVLDB 9(13), 2016):
  /// the arcs between neighbours of a vertex, each once, over d (d - 1) for d neighbours; 0 when d < 2. In an
  /// undirected graph every edge is two arcs.
  BigArray<double> coefficients;
  double average = 0;
  RunRecord record;
};

/// The rows that both read.
inline AdjacencyNeed triangles_need() { return {true, true}; }

/// Collective. Memory: where one rank holds an undirected graph without parallel edges whose order suits, 8 bytes per
/// vertex; else per rank and edge about 12 bytes while rows are built and 8 after (narrow ids), and one round's rows.
TriangleResult count_triangles(const DistributedGraph& graph, const TriangleOptions& options = {});
ClusteringResult local_clustering(const DistributedGraph& graph, const TriangleOptions& options = {});

}  // namespace gasket
