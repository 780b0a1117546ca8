#include "apps/load.hpp"
#include "apps/memory_limit.hpp"
#include "apps/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "partition/build/drop_duplicates.hpp"
#include "partition/io/open.hpp"
#include "partition/io/text/input_file.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "partition/probe.hpp"

namespace gasket {
namespace {

SourceOptions source_options(const GraphOptions& options, bool weights) {
  return {.path = options.path, .format = options.format, .names = options.names, .weights = weights};
}

// Several ranks would read the whole graph before they miss the file of parts, and one has no use for it.
void refuse_missing_parts(const std::string& placement) {
  if (!placement.starts_with("import:")) return;
  const text::InputFile parts(std::string(placement_argument(placement)), "parts of vertices or edges");
}

}  // namespace

LoadedGraph load(Session& session, const GraphOptions& options, AdjacencyNeed need, bool weights, Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  progress.stage(fmt::format("opening {}", options.path));
  const std::unique_ptr<EdgeSource> source = open_source(session.communicator(), source_options(options, weights));
  if (source->placed() && options.placement_given)
    throw UsageError(fmt::format(
        "--placement {}: {} is cut into atoms already, which are only dealt to ranks; leave the option out, or "
        "convert the graph to new atoms with it",
        options.placement, options.path));
  session.communicator().agree([&] { refuse_missing_parts(options.placement); });
  const double estimate = refuse_what_cannot_fit(session, *source, options, need);
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
  return {std::move(graph), seconds, std::move(how.weights), source->said(), estimate};
}

std::vector<double> weights_of(Session& session, const GraphOptions& options, Progress& progress) {
  const auto ranks = static_cast<std::size_t>(session.size());
  if (!options.weights.empty() && options.weights.size() != ranks)
    throw UsageError(fmt::format("--weights: {} given for {}", options.weights.size(), counted(ranks, "rank")));
  if (!options.probe_weights || ranks == 1) return options.weights;
  progress.stage("measuring the ranks");
  return weights_of(session.communicator().all_gather(measure_speed(session.communicator())));
}

double refuse_what_cannot_fit(Session& session, const EdgeSource& source, const GraphOptions& options,
                              const AdjacencyNeed& need) {
  const PlacementInfo* const strategy = source.placed() ? nullptr : &find_placement(options.placement);
  return refuse_beyond_memory(session, source,
                              {.weighted = source.weighted(),
                               .undirected = options.undirected || !source.directed().value_or(true),
                               .takes_stored_rows = session.size() == 1 && source.stores_rows().has_value(),
                               .drops_first = options.drop_duplicates && may_part_duplicates(session.size(), strategy),
                               .need = need,
                               .threads = parallel::threads(),
                               .placing = source.placed() ? PlacingMemory() : placing_memory(options.placement)},
                              options.memory_limit);
}

void print_graph(const Session& session, const GraphOptions& options, const LoadedGraph& loaded) {
  if (session.rank() != 0) return;
  const DistributedGraph& graph = loaded.graph;
  print_summary("graph      {}: {}, {}{}, loaded in {:.2f} s\n", options.path, counted_vertices(graph.vertices()),
                counted_edges(graph.edges(), graph.directed()), graph.weighted() ? " with weights" : "",
                loaded.seconds);
  const LoadCounts& counts = graph.counts();
  if (options.drop_self_loops || options.drop_duplicates)
    print_summary("dropped    {}, {} of {} read\n", counted(counts.self_loops_dropped, "self loop"),
                  counted(counts.duplicates_dropped, "duplicate"), counted(counts.edges_read, "edge"));
  if (graph.order() == VertexOrder::degree) print_summary("order      vertices by degree inside each rank\n");
  print_summary("machine    {} x {}\n", counted(session.size(), "rank"), counted(parallel::threads(), "thread"));
  if (!loaded.weights.empty())
    print_summary("weights    {:.3g}{}; balances are by them\n", fmt::join(loaded.weights, ", "),
                  options.probe_weights ? " (measured)" : "");
  if (session.size() == 1 && options.placement_given)
    print_summary("placement  none: one rank has the whole graph, {} is not used\n", options.placement);
  if (session.size() > 1)
    print_summary("placement  {}{}: {:.3f} copies per vertex, balance (max/mean) of edges {:.3f}, vertices {:.3f}\n",
                  graph.quality().strategy, options.placement == "auto" ? " (auto)" : "",
                  graph.quality().replication_factor, graph.quality().edge_balance, graph.quality().vertex_balance);
}

GlobalId find_vertex(const DistributedGraph& graph, const GraphOptions& options, std::string_view id,
                     const std::string& name) {
  const std::optional<GlobalId> vertex = graph.ids().find(graph.communicator(), id);
  if (vertex) return *vertex;
  throw_agreed(InputError(fmt::format("--{} {}: {} has no such vertex", name, id, options.path)));
}

nlohmann::json id_record(const GraphOptions& options, const std::string& id) {
  if (options.names) return id;
  return nlohmann::json::parse(id);
}

WeightFacts check_weights(const DistributedGraph& graph, const GraphOptions& options) {
  if (!graph.weighted())
    throw_agreed(InputError(fmt::format("{}: has no weights (a third column); this command needs them", options.path)));
  const WeightFacts facts = measure_weights(graph);
  if (facts.lowest >= 0) return facts;
  refuse_negative_line(graph.communicator(), source_options(options, true), options.drop_self_loops);
  throw_agreed(InputError(
      fmt::format("{}: has the weight {}; this command needs weights of 0 or more", options.path, facts.lowest)));
}

}  // namespace gasket
