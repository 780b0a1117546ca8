#pragma once
// A folder of atoms as a source: the share of a rank is the atoms that are dealt to it, and there they stay.

#include <memory>
#include <span>

#include "partition/atoms/index.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {

/// Reads the index, deals the atoms; the journals of this rank's atoms are read with vertices and edges, and no others.
/// `rank_shares`: how much of the work each rank wants, in any unit; empty: all the same. Throws InputError that names the
/// file when index or journal is missing or damaged.
std::unique_ptr<EdgeSource> open_atoms(const std::string& folder, Share share, bool read_weights,
                                       std::span<const double> rank_shares = {});

}  // namespace gasket
