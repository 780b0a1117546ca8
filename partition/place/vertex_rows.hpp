#pragma once
// Edges gathered into rows, for strategies that look at a vertex with all its neighbours: each rank gets the rows of a
// slice of the vertices, or rank 0 those of all.

#include <span>

#include "partition/place/placement.hpp"

namespace gasket {

struct VertexRows {
  GlobalId begin = 0;  // of the slice
  GlobalId end = 0;
  BigArray<std::uint64_t> offsets;  // end - begin + 1
  BigArray<std::uint32_t> neighbours;

  std::span<const std::uint32_t> of(GlobalId v) const {
    return neighbours.span().subspan(offsets[v - begin], offsets[v - begin + 1] - offsets[v - begin]);
  }
};

enum class Neighbours { sources, both };  // of a row's vertex: only where edges come from, or both ends' other ends
enum class Slices { equal, first_rank };

/// Collective. 4 bytes per neighbour, and with several ranks 8 more while it works. A self loop is in its row
/// once. Throws
/// ResourceError (agreed) for a graph of more than 2^32 vertices.
VertexRows gather_rows(const PlacementInput& input, Neighbours neighbours, Slices slices);

/// Refuses what gather_rows refuses.
void refuse_wide(const PlacementInput& input);

}  // namespace gasket
