#pragma once
// From the graph flags to a graph.

#include <string>

#include "apps/options.hpp"
#include "apps/progress.hpp"
#include "partition/graph/weight_facts.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {

struct LoadedGraph {
  DistributedGraph graph;
  double seconds = 0;
  std::vector<double> weights{};  // of the ranks, given or measured; none when all are alike
};

/// Opens and loads, showing progress. `weights`: read them where the file has them. Collective.
LoadedGraph load(Session& session, const GraphOptions& options, AdjacencyNeed need, bool weights, Progress& progress);

/// What --weights says: as given, or measured now. Collective.
std::vector<double> weights_of(Session& session, const GraphOptions& options, Progress& progress);

/// Throws ResourceError (agreed) when this many edges cannot fit into the memory the hosts have free. Collective.
void refuse_what_cannot_fit(Session& session, const EdgeSource& source, bool undirected);

/// Says on standard output what was loaded (rank 0): counts, what was dropped, ranks, threads, placement.
void print_graph(const Session& session, const GraphOptions& options, const LoadedGraph& loaded);

/// The vertex whose id the user gave as --name. Collective. Throws InputError (agreed) when the graph has none.
GlobalId find_vertex(const DistributedGraph& graph, const GraphOptions& options, ExternalId id,
                     const std::string& name);

/// Refuses a graph without weights or with a negative one: InputError (agreed). Collective.
WeightFacts check_weights(const DistributedGraph& graph, const std::string& path);

}  // namespace gasket
