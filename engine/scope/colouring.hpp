#pragma once
// Colours such that vertices at distance one, or at distances one and two, have different ones: vertices of one colour can
// be updated at the same time under edge consistency, or under full consistency (Low et al., Distributed GraphLab, VLDB
// 2012, section 4.2.1).
//
// Both are the greedy colouring of one order of vertices, which depends on nothing but the graph; so are the colours: the
// same for any ranks, threads and placement.

#include <cstdint>

#include "engine/scope/scope_graph.hpp"
#include "partition/hash.hpp"

namespace gasket {

struct Colouring {
  BigArray<std::uint32_t> colours;  // of the masters: 0 .. count-1
  std::uint32_t count = 0;
};

/// Distance one: in descending order of (edges, hash of the index), each vertex takes the first colour that none of its
/// neighbours before it has (Jones, Plassmann, SIAM J. Sci. Comput. 14, 1993; Welsh, Powell 1967). At most one colour more
/// than the largest degree. O(edges) space; a vertex is looked at once for each neighbour before it.
///
/// Distance two: the same greedy rule in descending order of the hash alone, colour by colour as maximal independent sets
/// of the square of the graph (Luby, SIAM J. Comput. 15, 1986), which is never built. At least one colour more than the
/// largest degree; some ten exchanges of 8 bytes per ghost for each colour, so for meshes rather than for graphs with hubs.
///
/// Collective.
Colouring colour_vertices(const ScopeGraph& graph, int distance);

/// The orders above, as keys: higher goes first. Keys of different vertices differ.
inline std::uint64_t colouring_hash(GlobalId index) {
  const std::uint64_t key = mix(index);
  return key != 0 ? key : mix(index ^ std::uint64_t{1} << 63);
}

}  // namespace gasket
