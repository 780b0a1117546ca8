#pragma once
// The undirected simple graph under a distributed graph, each edge once: the row of a vertex holds those of its
// neighbours (in either direction, without itself) that have a higher degree. No row is then longer than sqrt(2 edges),
// which is what makes listing triangles cheap (Chiba and Nishizeki, SIAM J. Comput. 14, 1985; Latapy, Theor. Comput.
// Sci. 407, 2008).
//
// Vertices are named by their places in the order of degrees (degree_order.hpp), so "higher" is a smaller id, and rows
// are dealt to the ranks in turn, id i to rank i mod ranks: neighbours in that order have about equally long rows, so
// every rank gets the same work whatever the placement of the graph was.

#include <span>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

/// What a row holds: ids, or (with kArcs) ids with two bits that say which of the two arcs of the edge exist.
template <class Id, bool kArcs>
struct SkeletonEntry {
  static constexpr int kShift = kArcs ? 2 : 0;
  static constexpr Id kToHigher = 1;  // the arc from the row's vertex
  static constexpr Id kToLower = 2;   // and the one to it

  static Id id(Id entry) { return entry >> kShift; }
  /// Arcs that the edge stands for; 1 where they are not told apart.
  static std::uint32_t arcs(Id entry) {
    if constexpr (kArcs) return static_cast<std::uint32_t>((entry & 1) + (entry >> 1 & 1));
    return 1;
  }
};

template <class Id, bool kArcs>
class Skeleton {
  using Entry = SkeletonEntry<Id, kArcs>;

 public:
  /// Collective. O(arcs) time and sorting of the rows; arcs travel in rounds of about `arcs_per_round`, 4 (or 8) bytes
  /// each, and are kept until all have arrived.
  Skeleton(const DistributedGraph& graph, std::uint64_t arcs_per_round);

  GlobalId vertices() const { return vertices_; }
  /// Rows of this rank: the ids id_of(0), id_of(1), ...
  std::size_t rows() const { return lengths_.size(); }
  GlobalId id_of(std::size_t row) const { return row * ranks_ + rank_; }
  std::span<const Id> row(std::size_t row) const { return {entries_.data() + begins_[row], lengths_[row]}; }
  /// Where a row begins in an array as long as entries().
  std::uint64_t begin(std::size_t row) const { return begins_[row]; }
  std::uint64_t entries() const { return entries_.size(); }
  /// Ids of the masters of the graph on this rank.
  std::span<const Id> master_ids() const { return master_ids_.span(); }

 private:
  struct Stream;
  void collect(const DistributedGraph& graph, const BigArray<Id>& ids, LocalId v,
               std::vector<std::vector<Id>>& to) const;
  std::vector<Stream> exchange_arcs(const DistributedGraph& graph, const BigArray<Id>& ids,
                                    std::uint64_t arcs_per_round);
  void fill_rows(std::vector<Stream> streams);
  void sort_rows();

  GlobalId vertices_;
  std::uint64_t rank_;
  std::uint64_t ranks_;
  BigArray<Id> master_ids_;
  BigArray<std::uint64_t> begins_;
  BigArray<std::uint32_t> lengths_;
  BigArray<Id> entries_;
};

extern template class Skeleton<std::uint32_t, false>;
extern template class Skeleton<std::uint32_t, true>;
extern template class Skeleton<std::uint64_t, false>;
extern template class Skeleton<std::uint64_t, true>;

}  // namespace gasket
