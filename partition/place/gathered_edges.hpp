#pragma once
// All edges in the memory of rank 0, for strategies that need the whole graph, and the way back for what they decide.

#include <vector>

#include "partition/place/assigned_edges.hpp"
#include "partition/place/expansion_rows.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

/// The part of each edge, in lists as long as those of pairs.
using PartLists = std::vector<BigArray<std::uint16_t>>;

class GatheredEdges {
 public:
  /// Collective. On rank 0 8 bytes per edge, but nothing where there is no other rank and ids have 32 bits. Throws
  /// ResourceError (agreed) for a graph of more than 2^32 vertices.
  explicit GatheredEdges(const PlacementInput& input);

  /// On rank 0 all edges, in order of rank and chunk; elsewhere no lists or empty ones.
  const EdgePairs& pairs() const { return pairs_; }
  /// Collective. `parts`: on rank 0 of all edges of pairs(). Returns those of this rank's edges.
  EdgeParts give_back(PartLists parts) const;

 private:
  const PlacementInput& input_;
  std::vector<BigArray<std::uint32_t>> received_;
  EdgePairs pairs_;
};

}  // namespace gasket
