#pragma once
// Numbers the vertices of a rank, masters first, and agrees with the other ranks on the ghost plan.

#include "partition/build/arcs.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/graph/ghost_plan.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

struct LocalIds {
  LocalId masters = 0;
  BigArray<GlobalId> global_ids;  // by local id
  GhostPlan plan;
};

/// Gives local ids to the masters of this rank and to all ends of its arcs, and rewrites the arcs to them. Collective.
/// Throws ResourceError (agreed) when a rank would hold 2^32 - 1 vertices or more. Memory while it works: 3/4 byte per
/// vertex of the graph, 2 more where masters follow the edges, and up to 28 per local vertex beside the 8 that stay.
LocalIds assign_local_ids(Communicator& comm, Arcs& arcs, GlobalId vertices, const Placement& placement);

}  // namespace gasket
