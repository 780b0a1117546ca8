#pragma once
// One door to every source of edges.

#include <memory>
#include <string>

#include "partition/comm/communicator.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {

struct SourceOptions {
  /// A file, a folder of atoms, or a graph to generate, as in "rmat:scale=20,edge-factor=16".
  std::string path;
  /// auto (by the name), snap, tsv, csv, ldbc, gsk
  std::string format = "auto";
  /// Read weights where the source has them.
  bool weights = false;
};

/// Opens the source on all ranks. Collective. Throws UsageError for an unknown format or impossible parameters,
/// InputError (agreed) for a file that is missing or not what was said.
std::unique_ptr<EdgeSource> open_source(Communicator& comm, const SourceOptions& options);

}  // namespace gasket
