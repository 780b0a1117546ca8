#pragma once
// Deals atoms to ranks: a small partition of the meta-graph, made anew at every load, the same on every rank.
//
// METIS cuts the meta-graph by recursive bisection (Karypis, Kumar, SIAM J. Sci. Comput. 1998), and regions are grown from
// several first atoms, always by the atom that keeps most shared vertices inside. Each is then improved: atoms are moved
// and exchanged as long as fewer vertices are shared between ranks and no rank gets more than its share and 5 %; where
// atoms are too coarse for that, balance goes first (Fiduccia, Mattheyses, DAC 1982, without hill climbing). The best is
// taken. METIS finds the better regions where ranks are many, and may miss the balance, or leave a rank empty, where atoms
// are few.

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
