#pragma once
// The index of a folder of atoms: the meta-graph, whose vertices are atoms and whose edges count the vertices that two
// atoms share. Text for people, one line per atom and pair, with a checksum of itself in the last line.
//
// The index is what makes the folder a graph: of each journal it counts so many bytes and no more. What an append has
// written behind them does not exist before the index says so.

#include <cstdint>
#include <string>
#include <vector>

#include "partition/types.hpp"

namespace gasket {

using AtomId = std::uint32_t;

/// Pairs of atoms are counted in a table of that many squared.
inline constexpr AtomId kMostAtoms = 4096;

/// What a journal holds, as far as it counts.
struct AtomFacts {
  std::uint64_t vertices = 0;  // whose home it is: every vertex has one
  std::uint64_t ghosts = 0;    // other ends of its edges
  EdgeCount edges = 0;
  std::uint64_t bytes = 0;
  std::uint64_t digest = 0;  // of the heads of its blocks, one after the other

  bool operator==(const AtomFacts&) const = default;
};

struct AtomIndex {
  /// Vertices that both atoms have, at home or as ghosts.
  struct Shared {
    AtomId first = 0;
    AtomId second = 0;  // larger than first
    std::uint64_t vertices = 0;

    bool operator==(const Shared&) const = default;
  };

  std::uint64_t graph = 0;    // a number that all its journals carry
  std::uint64_t appends = 0;  // since it was converted
  bool directed = true;
  bool weighted = false;
  std::string placement;  // the strategy that cut it
  std::uint64_t vertices = 0;
  EdgeCount edges = 0;
  std::vector<AtomFacts> atoms;
  std::vector<Shared> shared;  // ascending; pairs with nothing in common are left out

  bool operator==(const AtomIndex&) const = default;
};

std::string index_path(const std::string& folder);
std::string journal_path(const std::string& folder, AtomId atom);
/// Whether the path is a folder that holds, or held, atoms. Never throws.
bool looks_like_atoms(const std::string& path);

/// Throws InputError, beginning with the path of the index: missing, of another version, damaged, contradicting itself.
AtomIndex read_atom_index(const std::string& folder);
/// The old index is there until the new one is whole and on the disk. Throws as PendingFile does.
void write_atom_index(const AtomIndex& index, const std::string& folder);

}  // namespace gasket
