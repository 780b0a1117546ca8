#pragma once
// Sends every edge to the rank that the placement names.

#include "partition/build/arcs.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

/// `chunks` hold this rank's share of the edges by global id, all narrow or all wide (`narrow`), the same on every
/// rank. Goes in rounds of about 64 MiB a rank and frees what it has sent, so that a rank holds each edge once, plus
/// a round. Collective. With `undirected`, the reverse of an edge is placed too where the placement treats it
/// otherwise.
Arcs route(Communicator& comm, std::vector<EdgeChunk> chunks, bool narrow, bool weighted, bool undirected,
           const Placement& placement);

}  // namespace gasket
