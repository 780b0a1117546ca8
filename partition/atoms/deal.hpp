#pragma once
// Deals atoms to ranks: a small partition of the meta-graph, made anew at every load, the same on every rank.
//
// Ranks' regions are grown one after the other from a first atom, always by the atom that keeps most shared vertices
// inside (greedy graph growing: Karypis, Kumar, SIAM J. Sci. Comput. 1998, section 3.2), then atoms are moved and
// exchanged as long as fewer vertices are shared between ranks and no rank gets more than its share and 3 % (where atoms
// are too coarse for that, balance goes first: Fiduccia, Mattheyses, DAC 1982, without hill climbing). Several first
// atoms are tried and the best dealing is taken. A library's partitioner was weighed: with few atoms per rank METIS
// misses the balance and may leave ranks empty, and a meta-graph is small enough for the plain way.

#include <span>
#include <vector>

#include "partition/atoms/index.hpp"

namespace gasket {

/// The rank of every atom. `shares`: how much of the work each rank wants, one positive number per rank, of any sum.
/// Where there are at least as many atoms as ranks, no rank is left without one. O(atoms^2) time.
std::vector<std::uint32_t> deal_atoms(const AtomIndex& index, std::span<const double> shares);

/// What an atom weighs: mostly its edges.
constexpr std::uint64_t weight_of(const AtomFacts& atom) { return 8 * atom.edges + atom.vertices + 1; }

}  // namespace gasket
