#pragma once
// A graph to a folder of atoms.

#include <string>

#include "partition/atoms/cut.hpp"

namespace gasket {

struct WrittenAtoms {
  AtomIndex index;
  LoadCounts counts;
  std::uint64_t isolated = 0;  // vertices without an edge
};

/// Cuts the source into atoms and writes `folder`, which must not exist, in a folder all ranks share; it has its name only
/// when it is whole. A journal lists edges in ascending order: the files depend on the graph and the placement alone.
/// Collective. Errors are agreed: those of cut_into_atoms, InputError when the folder cannot be written, ResourceError for
/// a full disk.
WrittenAtoms write_atoms(Communicator& comm, EdgeSource& source, const AtomOptions& options, const std::string& folder);

}  // namespace gasket
