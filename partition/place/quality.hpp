#pragma once
// What a placement is worth: everything that decides how fast supersteps will be, found by counting copies, for any
// number of parts, without building a graph.

#include <string>
#include <vector>

#include "partition/graph/ghost_plan.hpp"
#include "partition/place/part_shares.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

/// What a program moves in a superstep in which every value travels.
struct Traffic {
  Flow flow = Flow::forward;    // which way values move over arcs
  std::size_t accumulator = 8;  // bytes of a sum that a ghost sends to its master
  std::size_t ghost = 8;        // bytes of a value that a master sends to a ghost
};

/// Balances are the maximum over the mean of all parts, each by its share; 1 is perfect.
struct PlacementStudy {
  double replication_factor = 1;  // copies (masters and ghosts) per vertex
  double edge_copies = 1;         // parts with an edge of a vertex, per vertex that has edges: the literature's figure
  double edge_balance = 1;        // arcs
  double vertex_balance = 1;      // masters and ghosts
  double master_balance = 1;
  EdgeCount cut_edges = 0;  // whose two ends have different masters
  std::uint64_t ghosts = 0;
  std::uint64_t bytes_per_superstep = 0;
  std::uint64_t reduce_bytes = 0;     // of these, sums to masters
  std::uint64_t broadcast_bytes = 0;  // values to ghosts
  double partners = 0;                // of a part, on average
  std::uint64_t most_partners = 0;
  std::uint64_t memory_bytes = 0;  // of the largest part: rows one way, ids, degrees, values
};

/// Counts the copies of vertices in parts. Made once for the edges, used for many placements.
class PlacementMeter {
 public:
  /// `edges` by global id, this rank's share; they outlive the meter. Collective. Memory: 8
  /// bytes per vertex over all ranks, and 4 on every rank while it is made; while it measures 2 bytes per end of an arc and
  /// 4 more per vertex over all ranks, 2 per vertex on every rank, and some 30 MB of ends on their way.
  PlacementMeter(Communicator& comm, std::span<const EdgeChunk> edges, GlobalId vertices, bool undirected);

  /// Collective.
  PlacementStudy measure(const Placement& placement, const PartShares& shares, const Traffic& traffic) const;

 private:
  struct Copies;
  struct Sums;
  Copies collect_copies(const Placement& placement, PartId parts) const;
  template <class Take>
  void visit_chunk(const Placement& placement, const EdgeChunk& chunk, std::size_t index, const Take& take) const;
  void count_slice(const Copies& copies, const Placement& placement, const Traffic& traffic, Sums& sums) const;
  EdgeCount count_cut(std::span<const std::uint16_t> masters) const;

  Communicator* comm_;
  std::span<const EdgeChunk> edges_;
  GlobalId vertices_;
  bool undirected_;
  std::vector<GlobalId> slices_;     // ranks + 1 begins
  BigArray<std::uint64_t> offsets_;  // of the ends at each vertex of this rank's slice
};

/// What a random vertex cut should come to.
class RandomTheory {
 public:
  /// Collective. 4 bytes per end of an edge over all ranks while it works.
  explicit RandomTheory(const PlacementInput& input);
  /// Parts with an edge of a vertex, per vertex that has edges: the mean of p (1 - (1 - 1/p)^d), d the number of
  /// distinct neighbours (equal edges fall into the same part), for an edge list of any length.
  double copies(PartId parts) const;

 private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> vertices_of_;  // distinct neighbours, vertices
};

}  // namespace gasket
