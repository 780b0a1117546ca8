#pragma once
// The neighbour of every row that most searches of it end at, beside each other: a search that finds what it looks for
// there reads 4 bytes of a row, not its offset and a cache line of its arcs.

#include "partition/graph/adjacency.hpp"
#include "partition/graph/ghost_plan.hpp"

namespace gasket {

/// By row, a neighbour of about the highest degree, or the row itself where it has no other. The vertices of each rank
/// must be in the order of degrees (VertexOrder::degree): of the row's neighbours mastered by one rank the first is the
/// highest, and those of several ranks are compared by their places among their rank's. O(rows * ranks) at most.
BigArray<LocalId> find_leads(const Adjacency& rows, LocalId masters, const GhostPlan& ghosts);

}  // namespace gasket
