#include "apps/load.hpp"
#include "apps/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "partition/io/open.hpp"
#include "partition/load.hpp"
#include "partition/memory.hpp"
#include "partition/parallel.hpp"
#include "partition/probe.hpp"

namespace gasket {

LoadedGraph load(Session& session, const GraphOptions& options, AdjacencyNeed need, bool weights, Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  progress.stage(fmt::format("opening {}", options.path));
  const std::unique_ptr<EdgeSource> source =
      open_source(session.communicator(), {.path = options.path, .format = options.format, .weights = weights});
  if (source->placed() && options.placement_given)
    throw UsageError(fmt::format(
        "--placement {}: {} is cut into atoms already, which are only dealt to ranks; leave the option out, or "
        "convert the graph to new atoms with it",
        options.placement, options.path));
  refuse_what_cannot_fit(session, *source, options.undirected);
  LoadOptions how;
  how.undirected = options.undirected;
  how.drop_self_loops = options.drop_self_loops;
  how.drop_duplicates = options.drop_duplicates;
  how.placement = options.placement;
  how.seed = options.seed;
  how.weights = weights_of(session, options, progress);
  how.order = options.order;
  how.need = need;
  how.on_stage = [&](std::string_view name) { progress.stage(name); };
  DistributedGraph graph = load_graph(session.communicator(), *source, how);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {std::move(graph), seconds, std::move(how.weights)};
}

std::vector<double> weights_of(Session& session, const GraphOptions& options, Progress& progress) {
  const auto ranks = static_cast<std::size_t>(session.size());
  if (!options.weights.empty() && options.weights.size() != ranks)
    throw UsageError(
        fmt::format("--weights: {} given for {} {}", options.weights.size(), ranks, plural(ranks, "rank", "ranks")));
  if (!options.probe_weights || ranks == 1) return options.weights;
  progress.stage("measuring the ranks");
  return weights_of(session.communicator().all_gather(measure_speed(session.communicator())));
}

void refuse_what_cannot_fit(Session& session, const EdgeSource& source, bool undirected) {
  if (!source.edge_count()) return;
  session.communicator().agree([&] {
    const bool both_ways = undirected || !source.directed().value_or(true);
    const double arcs = static_cast<double>(*source.edge_count()) * (both_ways ? 2 : 1);
    // What no load can do without: an arc while it is routed and its place in a row, and a vertex' two degrees.
    const double bytes =
        arcs * (8 + 4 + (source.weighted() ? 16 : 0)) + static_cast<double>(source.vertex_count().value_or(0)) * 8;
    const double here = bytes * session.ranks_on_host() / session.size();
    const auto free = static_cast<double>(available_memory());
    if (here > free)
      throw ResourceError(fmt::format(
          "{}: {:.3g} edges need at least {:.1f} GB on the host {}, which has {:.1f} GB free; use more hosts or a "
          "smaller graph",
          source.describe(), static_cast<double>(*source.edge_count()), here / 1e9, session.host(), free / 1e9));
  });
}

void print_graph(const Session& session, const GraphOptions& options, const LoadedGraph& loaded) {
  if (session.rank() != 0) return;
  const DistributedGraph& graph = loaded.graph;
  print_summary("graph      {}: {} {}, {} {} {}{}, loaded in {:.2f} s\n", options.path, graph.vertices(),
                plural(graph.vertices(), "vertex", "vertices"), graph.edges(),
                graph.directed() ? "directed" : "undirected", plural(graph.edges(), "edge", "edges"),
                graph.weighted() ? " with weights" : "", loaded.seconds);
  const LoadCounts& counts = graph.counts();
  if (options.drop_self_loops || options.drop_duplicates)
    print_summary("dropped    {} self loops, {} duplicates of {} edges read\n", counts.self_loops_dropped,
                  counts.duplicates_dropped, counts.edges_read);
  if (graph.order() == VertexOrder::degree) print_summary("order      vertices by degree inside each rank\n");
  print_summary("machine    {} rank{} x {} thread{}\n", session.size(), session.size() == 1 ? "" : "s",
                parallel::threads(), parallel::threads() == 1 ? "" : "s");
  if (!loaded.weights.empty())
    print_summary("weights    {:.3g}{}; balances are by them\n", fmt::join(loaded.weights, ", "),
                  options.probe_weights ? " (measured)" : "");
  if (session.size() > 1)
    print_summary("placement  {}: {:.3f} copies per vertex, balance (max/mean) of edges {:.3f}, vertices {:.3f}\n",
                  options.placement, graph.quality().replication_factor, graph.quality().edge_balance,
                  graph.quality().vertex_balance);
}

GlobalId find_vertex(const DistributedGraph& graph, const GraphOptions& options, ExternalId id,
                     const std::string& name) {
  const std::optional<GlobalId> vertex = graph.ids().find(graph.communicator(), id);
  if (vertex) return *vertex;
  InputError error(fmt::format("--{} {}: {} has no such vertex", name, id, options.path));
  error.set_agreed();
  throw error;
}

WeightFacts check_weights(const DistributedGraph& graph, const std::string& path) {
  if (!graph.weighted())
    throw_agreed(InputError(fmt::format("{}: has no weights (a third column); this command needs them", path)));
  const WeightFacts facts = measure_weights(graph);
  if (facts.lowest < 0)
    throw_agreed(
        InputError(fmt::format("{}: has the weight {}; this command needs weights of 0 or more", path, facts.lowest)));
  return facts;
}

}  // namespace gasket
