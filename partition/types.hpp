#pragma once
// The number types that every layer shares.

#include <cstdint>

namespace gasket {

/// Index of a vertex inside one rank: masters first, then ghosts. At most 2^32 - 1 vertices per rank.
using LocalId = std::uint32_t;
/// Dense id of a vertex in the whole graph, 0 .. n-1, in ascending order of external id.
using GlobalId = std::uint64_t;
/// The id as the input wrote it: any 64-bit unsigned number.
using ExternalId = std::uint64_t;
/// Counts and positions of edges; a rank may hold more than 2^32.
using EdgeCount = std::uint64_t;
/// One part of a cut graph. Parts equal ranks when a graph is loaded; a study may use many more.
using PartId = std::uint32_t;

}  // namespace gasket
