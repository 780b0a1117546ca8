#pragma once
// A folder of atoms as a source: the share of a rank is the atoms that are dealt to it, and there they stay.

#include <memory>
#include <string>

#include "partition/io/edge_source.hpp"

namespace gasket {

/// Reads the index and deals the atoms; the journals of this rank's atoms are read with vertices and edges, and no others.
/// Throws InputError that names the file when index or journal is missing or damaged.
std::unique_ptr<EdgeSource> open_atoms(const std::string& folder, Share share, bool read_weights);

}  // namespace gasket
