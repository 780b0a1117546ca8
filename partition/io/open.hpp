#pragma once
// One door to every source of edges.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "partition/comm/communicator.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {

struct SourceOptions {
  /// A file, a folder of atoms, or a graph to generate, as in "rmat:scale=20,edge-factor=16".
  std::string path;
  /// One of source_formats(): auto goes by the name and, where that is silent, by the first bytes.
  std::string format = "auto";
  /// Vertices are called by strings; only in edge lists and adjacency lists.
  bool names = false;
  /// Read weights where the source has them.
  bool weights = false;
};

/// A format as users name it.
struct SourceFormat {
  std::string_view name;
  std::string_view what;  // a few words with the endings that auto knows
};
std::span<const SourceFormat> source_formats();

/// Whether a text file of that name would be read as the edge list that it is.
bool reads_as_edge_list(const std::string& path);

/// Opens the source on all ranks. Collective. Throws UsageError for an unknown format or impossible parameters,
/// InputError (agreed) for a file that is missing or not what was said.
std::unique_ptr<EdgeSource> open_source(Communicator& comm, const SourceOptions& options);

/// For who has met a negative weight: where the source is a text, reads it once more and throws InputError (agreed) that
/// names the first line with one; but_self_loops: those were dropped. Collective.
void refuse_negative_line(Communicator& comm, const SourceOptions& options, bool but_self_loops);

}  // namespace gasket
