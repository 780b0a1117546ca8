#pragma once
// Which atom is the home of each vertex, which atoms have a copy of it, and how many vertices two atoms share.
//
// A vertex is at home where the strategy masters it, if edges of it are there, else in the atom that master_choice.hpp
// names among those with edges of it; without any edge, where the strategy would master it. The home says only in which
// journal the vertex is listed and where appended edges like to go: who masters it is decided at loading.

#include <span>
#include <vector>

#include "partition/atoms/cut.hpp"

namespace gasket {

struct AtomVertices {
  /// By atom of this rank: global ids, ascending.
  std::vector<std::vector<GlobalId>> homes;
  std::vector<std::vector<GlobalId>> ghosts;
  /// Of all atoms, the same on every rank.
  std::vector<AtomIndex::Shared> shared;
  std::uint64_t isolated = 0;  // vertices without an edge
};

/// Collective. 16 bytes per copy of a vertex on the rank with its edges and on one other, and 8 per pair of atoms.
AtomVertices find_homes(Communicator& comm, const CutGraph& cut, AtomId atoms);

}  // namespace gasket
