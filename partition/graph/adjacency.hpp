#pragma once
// The arcs of one rank in compressed rows (CSR): for each local vertex its neighbours, ascending by local id.

#include <span>

#include "partition/graph/arc_weights.hpp"
#include "partition/graph/row_offsets.hpp"

namespace gasket {

struct Adjacency {
  RowOffsets offsets;
  BigArray<LocalId> neighbours;  // arcs()
  ArcWeights weights;            // arcs(), or empty when the graph has no weights

  LocalId rows() const { return offsets.rows(); }
  EdgeCount arcs() const { return neighbours.size(); }
  EdgeCount degree(LocalId row) const { return offsets[row + 1] - offsets[row]; }
  std::span<const LocalId> row(LocalId v) const { return {neighbours.data() + offsets[v], degree(v)}; }
};

}  // namespace gasket
