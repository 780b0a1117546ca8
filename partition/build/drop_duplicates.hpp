#pragma once
// Of equal edges one stays, before they are placed: for strategies that may send equal edges to different parts.

#include "partition/build/numbered.hpp"
#include "partition/comm/communicator.hpp"

namespace gasket {

/// Equal edges meet on the rank that the hash of their ends names; the lightest stays, and stays there. With
/// `undirected`, an edge and its reverse are equal, and the end of smaller id comes first in what stays. Returns how many
/// were dropped, of all ranks. Collective. Memory per rank: 24 bytes per edge of its share beside the share itself.
EdgeCount drop_duplicates(Communicator& comm, NumberedEdges& input, bool undirected, bool weighted);

}  // namespace gasket
