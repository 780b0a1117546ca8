#pragma once
// Adds up at the masters what every rank counted at its copies.

#include <cstdint>

#include "partition/big_array.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/graph/ghost_plan.hpp"

namespace gasket {

/// `counts` has an entry per local vertex; those of masters become the sum over all copies. Collective.
void add_at_masters(Communicator& comm, const GhostPlan& plan, BigArray<std::uint32_t>& counts);

}  // namespace gasket
