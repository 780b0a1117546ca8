#pragma once
// Degrees of all vertices on every rank, for strategies that ask for them.

#include "partition/place/placement.hpp"

namespace gasket {

/// 4 bytes per vertex (saturating); empty when none are wanted. An undirected edge counts at both ends also as an
/// in-edge; a self loop counts twice in total degrees. Collective.
BigArray<std::uint32_t> count_degrees(Communicator& comm, std::span<const EdgeChunk> edges, GlobalId vertices,
                                      DegreesWanted wanted, bool undirected);

}  // namespace gasket
