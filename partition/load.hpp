#pragma once
// From a source of edges to a distributed graph: read, number the vertices, place, exchange, sort into rows. Every
// stage frees what the one before it needed.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "partition/comm/communicator.hpp"
#include "partition/graph/distributed_graph.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {

struct PlacementInfo;

struct LoadOptions {
  bool undirected = false;        // every edge holds in both directions
  bool drop_self_loops = false;   // edges v v
  bool drop_duplicates = false;   // of equal edges (undirected: in either order) keep one, the lightest
  std::string placement = "auto";  // not asked when the source has placed its edges (atoms)
  /// Of one's own instead, see place/rule.hpp.
  const PlacementInfo* strategy = nullptr;
  std::uint64_t seed = 1;
  /// How much of the graph each rank is to get, relative to the others: positive, one per rank; none when all are alike.
  std::vector<double> weights{};
  VertexOrder order = VertexOrder::automatic;
  AdjacencyNeed need{};
  /// Told the name of each stage as it begins; for progress displays.
  std::function<void(std::string_view)> on_stage{};
};

/// Loads a graph on all ranks. Collective. Peak memory per rank: 8 bytes (16 when the graph has more than 2^32 vertices
/// or the ids of the input need 64 bits) per edge it reads or receives, 8 more with weights, and while sorting 4 bytes
/// per arc and direction kept. Errors, the same on every rank (agreed): InputError for what the source refuses, for a
/// source without any vertex; UsageError for an unknown placement, for weights that are not one positive number per rank,
/// or for dropping duplicates of a source that has placed its edges, because equal ones may be on different ranks;
/// ResourceError when a rank would hold too many
/// vertices. A rank that runs out of memory on the way throws ResourceError alone: the job must then be aborted.
DistributedGraph load_graph(Communicator& comm, EdgeSource& source, const LoadOptions& options);

}  // namespace gasket
