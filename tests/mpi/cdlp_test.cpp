// Label propagation against a slow serial answer: on named and random graphs, directed and undirected, under every
// placement, on 1 and 2 threads, with messages in one round and in many.
// ctest: TIMEOUT 300

#include <catch2/catch.hpp>

#include "engine/label_propagation.hpp"
#include "engine/output.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "partition/place/placement.hpp"
#include "partition/place/rule.hpp"
#include "tests/support/slow_answers.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

std::vector<GlobalId> collect(const DistributedGraph& graph, const BigArray<GlobalId>& labels) {
  const ValueSlice<GlobalId> slice = slice_by_id(graph, labels);
  return world().all_gather_spans(std::span<const GlobalId>(slice.values.span()));
}

// Groups of vertices that are close, some links between them: labels settle slowly, here and there.
PlainGraph villages(std::uint32_t count, std::uint32_t size, std::uint64_t seed) {
  PlainGraph graph{"villages", {}};
  for (std::uint32_t v = 0; v < count * size; ++v)
    for (std::uint32_t k = 0; k < 6; ++k) {
      const std::uint64_t random = mix(seed + 16 * v + k);
      const std::uint32_t target =
          random % 8 == 0 ? spread(random, count * size) : v / size * size + spread(random, size);
      graph.edges.push_back({v, target, 1});
    }
  return graph;
}

std::vector<PlainGraph> all_graphs() {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(50, 80, 1));
  graphs.push_back(random_graph(300, 3000, 2));
  graphs.push_back(random_graph(1000, 4000, 3, std::uint64_t{1} << 40));
  graphs.push_back(villages(60, 50, 5));
  // A hub longer than what is counted in one go, and most of its neighbours different.
  PlainGraph hub = random_graph(80000, 30000, 6);
  hub.name = "hub";
  for (ExternalId v = 1; v < 72000; ++v) hub.edges.push_back({0, v, 1});
  graphs.push_back(std::move(hub));
  return graphs;
}

// Masters on the last rank, arcs anywhere: masters without an arc at hand, and ranks of ghosts alone.
struct FarFromMasters {
  explicit FarFromMasters(const PlacementInput& input) : parts(input.parts) {}
  PartId edge(GlobalId source, GlobalId target) const {
    return static_cast<PartId>(mix(source * 31 + target) % std::max<PartId>(parts - 1, 1));
  }
  PartId master(GlobalId) const { return parts - 1; }
  PartId parts;
};

DistributedGraph load(const PlainGraph& plain, bool undirected, std::string_view placement,
                      const PlacementInfo* strategy = nullptr) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.undirected = undirected;
  options.placement = placement;
  options.strategy = strategy;
  options.need = label_propagation_need();
  return load_graph(world(), source, options);
}

}  // namespace

TEST_CASE("label propagation is exact") {
  for (const PlainGraph& plain : all_graphs())
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const auto after_one = slow_label_propagation(oracle, !undirected, 1),
                 after_ten = slow_label_propagation(oracle, !undirected, 10);
      for (const PlacementInfo& placement : placements().first(3)) {
        const DistributedGraph graph = load(plain, undirected, placement.name);
        for (const int threads : {1, 2})
          for (const std::uint64_t arcs_per_round : {std::uint64_t{200}, std::uint64_t{1} << 23}) {
            CAPTURE(plain.name, undirected, placement.name, threads, arcs_per_round);
            parallel::set_threads(threads);
            const auto one = propagate_labels(graph, {.iterations = 1, .arcs_per_round = arcs_per_round});
            CHECK(collect(graph, one.labels) == after_one);
            const auto wide = propagate_labels(graph, {.arcs_per_round = arcs_per_round, .wide = true});
            CHECK(collect(graph, wide.labels) == after_ten);
            const auto ten = propagate_labels(graph, {.arcs_per_round = arcs_per_round});
            CHECK(collect(graph, ten.labels) == after_ten);
            CHECK((ten.record.supersteps.size() == 10 || ten.record.converged));
          }
        parallel::set_threads(1);
      }
    }
}

TEST_CASE("label propagation over directed edges is exact wherever they and the masters lie") {
  PlainGraph both_ways = villages(20, 30, 7);  // an edge and its reverse are two votes, and so are equal edges
  both_ways.name = "both ways";
  for (std::size_t i = both_ways.edges.size(); i-- > 0;) {
    const PlainEdge edge = both_ways.edges[i];
    if (i % 3 == 0) both_ways.edges.push_back({edge.target, edge.source});
    if (i % 5 == 0) both_ways.edges.push_back(edge);
  }
  std::vector<std::pair<std::string, const PlacementInfo*>> strategies = {
      {"auto", nullptr}, {"far from masters", &own_strategy<FarFromMasters>}};
  for (const PlacementInfo& placement : placements()) strategies.emplace_back(placement.name, nullptr);
  for (const PlainGraph& plain :
       {both_ways, random_graph(300, 3000, 2), random_graph(700, 900, 8, ExternalId{1} << 33)}) {
    const auto expected = slow_label_propagation(Oracle(plain, false), true, 10);
    for (const auto& [name, strategy] : strategies) {
      CAPTURE(plain.name, name);
      const DistributedGraph graph = load(plain, false, name, strategy);
      CHECK(collect(graph, propagate_labels(graph).labels) == expected);
      CHECK(collect(graph, propagate_labels(graph, {.arcs_per_round = 200}).labels) == expected);
    }
  }
}

TEST_CASE("a graph without the rows of both directions is refused on every rank") {
  const PlainGraph plain = random_graph(50, 80, 1);
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.need = {true, false};
  const DistributedGraph graph = load_graph(world(), source, options);
  CHECK_THROWS_AS(propagate_labels(graph), UsageError);
}

TEST_CASE("no iteration leaves every vertex its own label; a fixpoint ends the run") {
  PlainGraph pairs{"triangles", {}};
  for (ExternalId v = 0; v < 300; v += 3)
    for (const auto& [a, b] : {std::pair{v, v + 1}, {v + 1, v + 2}, {v + 2, v}}) pairs.edges.push_back({a, b, 1});
  const DistributedGraph graph = load(pairs, true, "dbh");
  const auto none = propagate_labels(graph, {.iterations = 0});
  CHECK(none.record.supersteps.empty());
  for (LocalId v = 0; v < graph.masters(); ++v) CHECK(none.labels[v] == graph.global_id(v));
  const auto settled = propagate_labels(graph, {.iterations = 1000});
  CHECK(settled.record.converged);
  CHECK(settled.record.supersteps.size() < 10);
  CHECK(settled.record.supersteps.back().active == 0);
}
