#include "partition/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "partition/atoms/kept_edges.hpp"
#include "partition/build/at_masters.hpp"
#include "partition/build/drop_duplicates.hpp"
#include "partition/build/leads.hpp"
#include "partition/build/local_ids.hpp"
#include "partition/build/numbered.hpp"
#include "partition/build/route.hpp"
#include "partition/build/rows.hpp"
#include "partition/build/vertex_order.hpp"
#include "partition/parallel.hpp"
#include "partition/place/degrees.hpp"
#include "partition/place/part_shares.hpp"
#include "partition/place/placement.hpp"

namespace gasket {
namespace {

// Entries of each column of the rows: the other kind of degree.
BigArray<std::uint32_t> count_columns(const Adjacency& rows) {
  BigArray<std::uint32_t> counts(rows.rows());
  parallel::for_ranges(rows.arcs(), std::size_t{1} << 18, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      std::atomic_ref<std::uint32_t>(counts[rows.neighbours[i]]).fetch_add(1, std::memory_order_relaxed);
  });
  return counts;
}

void refuse_bad_weights(std::span<const double> weights, std::size_t ranks) {
  if (!weights.empty() && weights.size() != ranks)
    throw UsageError(fmt::format("--weights: {} given for {} ranks", weights.size(), ranks));
  for (const double weight : weights)
    if (!(weight > 0) || !std::isfinite(weight))
      throw UsageError(fmt::format("--weights: {} is not a positive number", weight));
}

BigArray<std::uint32_t> count_rows(const Adjacency& rows) {
  BigArray<std::uint32_t> counts(rows.rows());
  parallel::for_ranges(counts.size(), std::size_t{1} << 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t v = begin; v < end; ++v)
      counts[v] = static_cast<std::uint32_t>(rows.degree(static_cast<LocalId>(v)));
  });
  return counts;
}

PlacementQuality measure(Communicator& comm, std::span<const double> weights, GlobalId vertices, EdgeCount arcs,
                         LocalId locals, LocalId masters) {
  PlacementQuality quality;
  const PartShares shares(static_cast<PartId>(comm.size()), weights);
  const auto balance = [&](std::uint64_t mine) { return balance_of(comm.all_gather(mine), shares); };
  quality.edge_balance = balance(arcs);
  quality.vertex_balance = balance(locals);
  quality.master_balance = balance(masters);
  const auto copies = static_cast<double>(comm.sum<std::uint64_t>(locals));
  quality.replication_factor = vertices == 0 ? 1.0 : copies / static_cast<double>(vertices);
  return quality;
}

// The edges, as the user counts them, that these rows stand for: each once, at the end that has the smaller id when
// rows hold both arcs of an undirected edge.
EdgeCount count_logical(const Adjacency& rows, const BigArray<GlobalId>& global_ids, bool undirected) {
  if (!undirected) return rows.arcs();
  return parallel::reduce_ranges<EdgeCount>(
      rows.rows(), 4096, 0,
      [&](std::size_t begin, std::size_t end) {
        EdgeCount edges = 0;
        for (std::size_t v = begin; v < end; ++v)
          for (const LocalId u : rows.row(static_cast<LocalId>(v))) edges += global_ids[v] <= global_ids[u] ? 1 : 0;
        return edges;
      },
      std::plus<EdgeCount>());
}

// Whether the rows that the source stores are what the loader would make.
bool may_take_stored_rows(const Communicator& comm, const EdgeSource& source, const LoadOptions& options) {
  if (comm.size() > 1 || !source.stores_rows() || options.drop_self_loops || options.drop_duplicates) return false;
  if (options.undirected && source.directed().value_or(true)) return false;
  return options.order == VertexOrder::automatic || options.order == *source.stores_rows();
}

void note_degrees(Communicator& comm, DistributedGraph::Parts& graph, const Adjacency& rows, bool by_target) {
  graph.in_degrees = by_target ? count_rows(rows) : count_columns(rows);
  graph.out_degrees = graph.symmetric_rows ? BigArray<std::uint32_t>(graph.in_degrees.span())
                      : by_target          ? count_columns(rows)
                                           : count_rows(rows);
  for (BigArray<std::uint32_t>* degrees : {&graph.in_degrees, &graph.out_degrees}) {
    add_at_masters(comm, graph.ghosts, *degrees);
    degrees->shrink(graph.masters);
  }
}

void note_leads(DistributedGraph::Parts& graph, const AdjacencyNeed& need) {
  if (need.leads == Leads::none || graph.order != VertexOrder::degree) return;
  std::optional<Adjacency>& rows =
      need.leads == Leads::by_target || graph.symmetric_rows ? graph.by_target : graph.by_source;
  if (rows) rows->leads = find_leads(*rows, graph.masters, graph.ghosts);
}

// The graph of a rank that is alone with a source that stores rows.
DistributedGraph take_stored_rows(Communicator& comm, EdgeSource& source, const LoadOptions& options) {
  StoredRows stored;
  comm.agree([&] { stored = source.read_rows(); });
  DistributedGraph::Parts graph;
  graph.directed = source.directed().value_or(true);
  graph.weighted = source.weighted();
  graph.vertices = stored.by_source.rows();
  if (graph.vertices == 0) refuse_empty(source);
  graph.masters = stored.by_source.rows();
  graph.arcs = stored.by_source.arcs();
  graph.edges = graph.counts.edges_read = stored.edges;
  graph.order = stored.order;
  graph.global_ids = std::move(stored.global_ids);
  if (stored.names.size() > 0)
    graph.ids = VertexIds::named({0, graph.vertices}, std::move(stored.names));
  else if (!stored.ids.empty())
    graph.ids = VertexIds::sparse({0, graph.vertices}, std::move(stored.ids));
  else
    graph.ids = VertexIds::dense(graph.vertices);
  graph.symmetric_rows = !graph.directed;
  note_degrees(comm, graph, stored.by_source, graph.symmetric_rows);
  if (graph.symmetric_rows) {
    graph.by_target = std::move(stored.by_source);
  } else {
    if (options.need.by_target || !options.need.by_source) graph.by_target = transpose(stored.by_source);
    if (options.need.by_source) graph.by_source = std::move(stored.by_source);
  }
  note_leads(graph, options.need);
  if (!graph.ids.is_dense()) graph.external_ids = graph.ids.external(comm, graph.global_ids.span());
  return DistributedGraph(comm, std::move(graph));
}

[[noreturn]] void refuse_dropping(const EdgeSource& source) {
  throw_agreed(UsageError(
      fmt::format("{}: is cut into atoms already, and equal edges may lie in different ones; drop duplicates when you "
                  "convert the graph to atoms",
                  source.describe())));
}

// Without a strategy edges stay where they were read. `degrees` must outlive the placement.
std::unique_ptr<Placement> place(Communicator& comm, const LoadOptions& options, const PlacementInfo* strategy,
                                 const NumberedEdges& input, GlobalId vertices, bool undirected,
                                 BigArray<std::uint32_t>& degrees) {
  const auto parts = static_cast<PartId>(comm.size());
  if (strategy == nullptr) return std::make_unique<KeptEdges>(static_cast<PartId>(comm.rank()), parts);
  // One part needs no strategy.
  const PlacementInfo& rule = parts == 1 ? find_placement("random") : *strategy;
  degrees = count_degrees(comm, input.edges, vertices, rule.degrees, undirected);
  return rule.make({.comm = &comm,
                    .parts = parts,
                    .vertices = vertices,
                    .edges = input.edges,
                    .undirected = undirected,
                    .degrees = degrees.span(),
                    .seed = options.seed,
                    .weights = options.weights,
                    .wide_sums = options.need.wide_sums,
                    .waves = options.need.waves,
                    .argument = placement_argument(options.placement)});
}

std::string name_of(const Communicator& comm, const LoadOptions& options, const PlacementInfo* strategy,
                    const Placement& placement) {
  if (comm.size() == 1) return "none";
  if (strategy == nullptr) return "atoms";
  if (!placement.chosen().empty()) return std::string(placement.chosen());
  return options.strategy != nullptr ? std::string(options.strategy->name) : options.placement;
}

}  // namespace

DistributedGraph load_graph(Communicator& comm, EdgeSource& source, const LoadOptions& options) {
  const auto stage = [&](std::string_view name) {
    if (options.on_stage) options.on_stage(name);
  };
  const PlacementInfo* strategy = nullptr;
  comm.agree([&] {
    refuse_bad_weights(options.weights, static_cast<std::size_t>(comm.size()));
    if (!source.placed())
      strategy = options.strategy != nullptr ? options.strategy : &find_placement(options.placement);
  });
  if (source.placed()) {
    if (options.drop_duplicates) refuse_dropping(source);
    if (!options.weights.empty()) source.share_out(options.weights);
  }
  if (may_take_stored_rows(comm, source, options)) {
    stage("reading rows");
    return take_stored_rows(comm, source, options);
  }
  DistributedGraph::Parts graph;
  graph.directed = !options.undirected && source.directed().value_or(true);
  graph.weighted = source.weighted();
  const bool undirected = !graph.directed;

  NumberedEdges input = read_numbered(comm, source, options.drop_self_loops, stage);
  graph.counts = input.counts;
  graph.vertices = input.vertices;
  graph.ids = std::move(input.ids);
  if (options.drop_duplicates && may_part_duplicates(comm.size(), strategy)) {
    stage("dropping duplicates");
    drop_duplicates(comm, input, undirected, graph.weighted);
  }

  stage(strategy != nullptr ? "placing edges" : "finding ghosts");
  Arcs arcs;
  LocalIds local;
  std::string cut_by;
  {
    BigArray<std::uint32_t> degrees;
    const auto placement = place(comm, options, strategy, input, graph.vertices, undirected, degrees);
    cut_by = name_of(comm, options, strategy, *placement);
    if (strategy != nullptr)
      arcs = route(comm, std::move(input.edges), input.narrow, graph.weighted, undirected, *placement);
    else
      arcs = {std::move(input.edges), undirected};
    local = assign_local_ids(comm, arcs, graph.vertices, *placement);
    graph.order = order_vertices(comm, options.order, arcs, local);
  }
  graph.masters = local.masters;
  graph.global_ids = std::move(local.global_ids);
  graph.ghosts = std::move(local.plan);

  stage("sorting rows");
  graph.symmetric_rows = arcs.both_ways;
  const auto locals = static_cast<LocalId>(graph.global_ids.size());
  const bool by_target = options.need.by_target || arcs.both_ways || !options.need.by_source;
  const RowKey key = by_target ? RowKey::target : RowKey::source;
  (by_target ? graph.by_target : graph.by_source) =
      build_rows(std::move(arcs), locals, key, graph.weighted, options.drop_duplicates);
  if (by_target && options.need.by_source && !graph.symmetric_rows) graph.by_source = transpose(*graph.by_target);

  const Adjacency& rows = by_target ? *graph.by_target : *graph.by_source;
  graph.arcs = comm.sum(rows.arcs());
  graph.edges = comm.sum(count_logical(rows, graph.global_ids, undirected));
  graph.counts.duplicates_dropped = graph.counts.edges_read - graph.counts.self_loops_dropped - graph.edges;
  note_degrees(comm, graph, rows, by_target);
  graph.quality = measure(comm, options.weights, graph.vertices, rows.arcs(), locals, graph.masters);
  graph.quality.strategy = std::move(cut_by);
  note_leads(graph, options.need);
  if (!graph.ids.is_dense())
    graph.external_ids = graph.ids.external(comm, graph.global_ids.span().first(graph.masters));
  return DistributedGraph(comm, std::move(graph));
}

}  // namespace gasket
