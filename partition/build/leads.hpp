#pragma once
// The neighbour of every row that most searches of it end at, beside each other: a search that finds what it looks for
// there reads 4 bytes of a row, not its offset and a cache line of its arcs.

#include "partition/graph/adjacency.hpp"
#include "partition/graph/ghost_plan.hpp"

namespace gasket {

/// By row, a neighbour of about the highest degree, or the row itself where it has no other. The vertices must be in the
/// order of degrees (VertexOrder::degree), which holds within the masters and within each role of the ghosts of one rank
/// (ghost_plan.hpp): of a row's neighbours in one such range the first is the highest, and those of several are compared
/// by their places in their ranges, as the degrees of ghosts are not known here. Hubs have copies everywhere, so a high
/// place among a rank's ghosts is mostly one among its masters too. The lead of a ghost is its first neighbour among
/// the masters, if it has one there: components go under smaller local ids. Time: two binary searches per row and range
/// that has a neighbour; memory: 4 bytes per row.
BigArray<LocalId> find_leads(const Adjacency& rows, LocalId masters, const GhostPlan& ghosts);

}  // namespace gasket
