#pragma once
// Cuts a graph into atoms: reads it, lets a strategy of the lab place it once, into many more parts than ranks, and brings
// the edges of each atom to the rank that will write it.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "partition/atoms/index.hpp"
#include "partition/build/numbered.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

struct AtomOptions {
  AtomId atoms = 64;
  bool undirected = false;
  bool drop_self_loops = false;
  bool drop_duplicates = false;
  std::string placement = "hep";
  std::uint64_t seed = 1;
  std::function<void(std::string_view)> on_stage{};
};

/// What a rank has of the cut graph: the atoms begin .. end-1, in slices by rank.
struct CutGraph {
  NumberedEdges input;  // without edges; counts are of all ranks
  bool directed = true;
  bool weighted = false;
  AtomId begin = 0;
  AtomId end = 0;
  std::vector<std::vector<EdgeChunk>> edges;  // by atom - begin; global ids, an undirected edge once
  /// Of all atoms; for the masters that the strategy itself would choose. What it reads is below.
  std::unique_ptr<Placement> placement;
  BigArray<std::uint32_t> degrees;
};

/// Collective. Memory per rank: its share of the edges while they wait, its atoms' edges after. Throws as load_graph does,
/// and UsageError (agreed) for a number of atoms beyond 1 .. kMostAtoms.
CutGraph cut_into_atoms(Communicator& comm, EdgeSource& source, const AtomOptions& options);

/// The rank that writes an atom.
int writer_of(const Communicator& comm, AtomId atom, AtomId atoms);

}  // namespace gasket
