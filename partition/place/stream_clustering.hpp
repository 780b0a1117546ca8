#pragma once
// The first phase of 2PS-L (Mayer, Orujzade, Jacobsen: Out-of-Core Edge Partitioning at Linear Run-Time, ICDE 2022,
// algorithm 1): every vertex begins as a cluster of its own; of the two ends of an edge, the one whose cluster has the
// smaller volume (the degrees in it, its own left out) moves to the other's cluster, while that stays below its limit,
// a part's share of all degrees. O(1) per edge; 16 bytes per vertex on every rank.

#include <vector>

#include "partition/place/edge_stream.hpp"
#include "partition/place/part_shares.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

class StreamClustering {
 public:
  explicit StreamClustering(const PlacementInput& input);

  /// Every edge once. With several ranks the moves of a batch are exchanged. Collective.
  void stream(EdgeStream& stream);

  std::uint32_t degree(GlobalId v) const { return vertices_[v].degree; }
  /// Of the cluster that v is in.
  std::uint64_t volume(GlobalId v) const { return volume_[vertices_[v].cluster]; }
  /// The part of every vertex: clusters in the order of their volumes, by powers of two, each to the least loaded part.
  BigArray<std::uint16_t> pack(const PartShares& shares) const;

 private:
  struct Vertex {
    std::uint32_t cluster;
    std::uint32_t degree;
  };
  struct Move {
    std::uint32_t vertex, cluster;
  };

  template <class Id>
  void meet_all(const Id* ends, std::size_t count);
  void meet(GlobalId u, GlobalId v);
  void move(GlobalId v, std::uint32_t to);
  void exchange();

  const PlacementInput& input_;
  BigArray<Vertex> vertices_;
  BigArray<std::uint64_t> volume_;  // of the clusters, each numbered like the vertex that began it
  std::uint64_t limit_;
  bool log_ = false;
  std::vector<Move> moves_;  // since the last exchange: vertex and where it came from
};

}  // namespace gasket
