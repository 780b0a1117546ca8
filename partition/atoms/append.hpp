#pragma once
// Adds edges and vertices to a folder of atoms without placing anew.
//
// An edge goes to an atom that has both its ends, else to one that has one of them, of several to the one with the fewest
// edges; atoms that are already more than a tenth above the average are passed over, and an edge that finds no other goes
// to the atom with the fewest edges (the greedy rule of PowerGraph, Gonzalez et al., OSDI 2012, section 5.1.1, with a cap).
// A new vertex is at home where its first edge goes; one without edges where it hashes to. New edges are taken in
// ascending order, so the result does not depend on ranks or threads.
//
// New blocks are written behind what the index counts, and brought to the disk, before the new index replaces the old: an
// append that is cut short has not happened, and the next one cuts off what it left.

#include <functional>
#include <string>
#include <string_view>

#include "partition/atoms/index.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {

/// On rank 0; elsewhere nothing is counted.
struct AppendResult {
  AtomIndex index;  // as it is now
  EdgeCount edges = 0;
  std::uint64_t vertices = 0;  // that are new
  std::uint64_t self_loops_dropped = 0;
  AtomId atoms = 0;  // whose journals have grown
};

struct AppendOptions {
  bool drop_self_loops = false;
  std::function<void(std::string_view)> on_stage{};
};

/// `source` must have weights if the graph has. Collective: ranks read the source together and sort it into files in the
/// folder, which all must be able to write; rank 0 does the rest; it reads the lists of vertices of all journals, no
/// edges. Throws (agreed) InputError for damaged or missing files, for a source that does not suit the graph, or when
/// another append is at work; ResourceError when the disk is full, and then the graph is as it was.
///
/// Memory: edges pass through buffers (new_edges.hpp, AtomGrowth::kWaiting) and take none. Rank 0 keeps, of each vertex
/// that the source names, its id and which atoms have it: 16 bytes, and up to 4 per atom where more than two have it; and
/// 8 per pair of atoms. On the disk, until it is done: 24 to 40 bytes per new edge.
AppendResult append_edges(Communicator& comm, EdgeSource& source, const std::string& folder,
                          const AppendOptions& options);

/// Bytes that a rank has resident at the peak of an append, the program itself included; `first`: rank 0.
double estimate_append(const SourceSize& size, const AtomIndex& index, int threads, bool first);

}  // namespace gasket
