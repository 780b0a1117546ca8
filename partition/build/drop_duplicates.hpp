#pragma once
// Of equal edges one stays, before they are placed: for strategies that may send equal edges to different parts.

#include "partition/build/numbered.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

/// Whether duplicates must be dropped before edges are placed; else equal edges meet in a row of one rank. `strategy`:
/// none where the source has placed its edges.
inline bool may_part_duplicates(int ranks, const PlacementInfo* strategy) {
  return ranks > 1 && strategy != nullptr && strategy->splits_equal;
}

/// What an edge takes while equal ones are brought together.
inline constexpr std::size_t kSortedEdgeBytes = 24;

/// Equal edges meet on the rank that the hash of their ends names; the lightest stays, and stays there. With
/// `undirected`, an edge and its reverse are equal, and the end of smaller id comes first in what stays. Returns how many
/// were dropped, of all ranks. Collective. Memory per rank: kSortedEdgeBytes per edge of its share; the share itself comes
/// and goes a chunk at a time.
EdgeCount drop_duplicates(Communicator& comm, NumberedEdges& input, bool undirected, bool weighted);

}  // namespace gasket
