#pragma once
// The order of vertices inside a rank. Values are gathered from memory in the order of local ids, so on graphs whose
// numbering says nothing about who neighbours whom, it pays to put the vertices that are read most next to each other:
// they then share cache lines with their equals and stay in the cache.
//
// Vertices are put into groups of about equal degree, the highest first, and keep the input's order inside a group
// (degree-based grouping: Faldu, Diamond, Grot, IISWC 2019; here a group is half an octave). Where the input's order
// has locality, as in a mesh or a web crawl, it is kept: a sample of windows of 2^16 arcs says how many cache lines of
// values each order would touch.

#include "partition/build/arcs.hpp"
#include "partition/build/local_ids.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/graph/vertex_order.hpp"

namespace gasket {

/// Renumbers masters and ghosts of every rank by degree where `wanted` says so, or where it is automatic and the sample
/// of all ranks says that it helps: arcs, ids and ghost plan. Returns the order they are in now. Collective. O(arcs)
/// time; 16 bytes per local vertex while it works.
VertexOrder order_vertices(Communicator& comm, VertexOrder wanted, Arcs& arcs, LocalIds& ids);

}  // namespace gasket
