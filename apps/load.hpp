#pragma once
// From the graph flags to a graph.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "apps/options.hpp"
#include "apps/progress.hpp"
#include "partition/graph/weight_facts.hpp"
#include "partition/io/edge_source.hpp"

namespace gasket {

struct LoadedGraph {
  DistributedGraph graph;
  double seconds = 0;
  std::vector<double> weights{};  // of the ranks, given or measured; none when all are alike
  std::string said{};             // what the source says of itself
  double estimate = 0;            // of the peak memory on a rank, in bytes
};

/// Opens and loads, showing progress. `weights`: read them where the file has them. Collective.
LoadedGraph load(Session& session, const GraphOptions& options, AdjacencyNeed need, bool weights, Progress& progress);

/// What --weights says: as given, or measured now. Collective.
std::vector<double> weights_of(Session& session, const GraphOptions& options, Progress& progress);

/// Throws ResourceError (agreed) when loading would take more than options.memory_limit on a rank, or clearly more than
/// the hosts have free, and says how many ranks or hosts would do. Returns the estimate per rank, in bytes. Collective.
double refuse_what_cannot_fit(Session& session, const EdgeSource& source, const GraphOptions& options,
                              const AdjacencyNeed& need);

/// Says on standard output what was loaded (rank 0): counts, what was dropped, ranks, threads, placement.
void print_graph(const Session& session, const GraphOptions& options, const LoadedGraph& loaded);

/// The vertex whose id the user gave as --name. Collective. Throws InputError (agreed) when the graph has none.
GlobalId find_vertex(const DistributedGraph& graph, const GraphOptions& options, std::string_view id,
                     const std::string& name);
/// An id for a record: a number where ids are numbers.
nlohmann::json id_record(const GraphOptions& options, const std::string& id);

/// Refuses a graph without weights or with a negative one, of a text by its line: InputError (agreed). Collective.
WeightFacts check_weights(const DistributedGraph& graph, const GraphOptions& options);

}  // namespace gasket
