#pragma once
// A graph back to a file: .gsk, or an edge list.

#include <string>

#include "apps/progress.hpp"
#include "partition/comm/session.hpp"
#include "partition/io/edge_source.hpp"
#include "partition/load.hpp"

namespace gasket {

/// Loads `source` in rows of out-neighbours and writes `path`: .gsk by that name, else one line per edge, `source
/// target [weight]` (.gz and .zst compress), rows ascending by id. options.order is that of the rows of a .gsk file, for
/// one rank to use as they lie; by itself it is the degrees' where those differ much and the ids say nothing about who
/// neighbours whom. The file depends on the graph alone, not on ranks. Returns the graph's counts. Collective; errors are
/// agreed.
struct WrittenGraph {
  GlobalId vertices = 0;
  EdgeCount edges = 0;
  std::uint64_t isolated = 0;  // vertices without an edge
  LoadCounts counts;
  bool directed = true;
};
WrittenGraph write_graph(Session& session, EdgeSource& source, LoadOptions options, const std::string& path,
                         Progress& progress);

}  // namespace gasket
