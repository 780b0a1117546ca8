// Strong components against Boost.Graph: on named and random graphs, chains and rings of components, directed and
// undirected, under every placement, on 1 and 2 threads.
// ctest: TIMEOUT 300

#include <catch2/catch.hpp>

#include "engine/output.hpp"
#include "engine/strong_components.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/slow_answers.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

// Rings of `length` vertices, numbered in no order, each with an arc to the next ring.
PlainGraph chain_of_rings(std::uint32_t rings, std::uint32_t length) {
  PlainGraph graph{"chain of rings of " + std::to_string(length), {}};
  std::vector<ExternalId> name;
  for (std::uint32_t v = 0; v < rings * length; ++v) name.push_back(v);
  std::ranges::sort(name, {}, [](ExternalId v) { return mix(v); });
  for (std::uint32_t r = 0; r < rings; ++r)
    for (std::uint32_t i = 0; i < length; ++i) {
      graph.edges.push_back({name[r * length + i], name[r * length + (i + 1) % length]});
      if (i == 0 && r + 1 < rings) graph.edges.push_back({name[r * length], name[(r + 1) * length + length / 2]});
    }
  return graph;
}

std::vector<PlainGraph> all_graphs() {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(50, 80, 1));
  graphs.push_back(random_graph(300, 3000, 2));
  graphs.push_back(random_graph(1000, 1300, 3, std::uint64_t{1} << 40));
  graphs.push_back(random_graph(5000, 9000, 4, 3));
  graphs.push_back(chain_of_rings(1, 150));
  graphs.push_back(chain_of_rings(60, 3));
  graphs.push_back(chain_of_rings(150, 1));
  return graphs;
}

std::vector<GlobalId> collect(const DistributedGraph& graph, const BigArray<GlobalId>& labels) {
  const ValueSlice<GlobalId> slice = slice_by_id(graph, labels);
  return world().all_gather_spans(std::span<const GlobalId>(slice.values.span()));
}

}  // namespace

TEST_CASE("strong components are exact") {
  for (const PlainGraph& plain : all_graphs())
    for (const bool undirected : {false, true}) {
      const std::vector<GlobalId> expected = slow_strong_components(Oracle(plain, undirected));
      for (const PlacementInfo& placement : placements().first(3)) {
        MemorySource source(plain, {world().rank(), world().size()});
        LoadOptions options;
        options.undirected = undirected;
        options.placement = placement.name;
        options.need = strong_components_need();
        const DistributedGraph graph = load_graph(world(), source, options);
        for (const int threads : {1, 2}) {
          CAPTURE(plain.name, undirected, placement.name, threads);
          parallel::set_threads(threads);
          const StrongComponentsResult result = find_strong_components(graph);
          CHECK(collect(graph, result.labels) == expected);
          CHECK(result.record.converged);
        }
        parallel::set_threads(1);
      }
    }
}

TEST_CASE("strong components of a directed graph without both sets of rows are refused on every rank") {
  const PlainGraph plain = random_graph(50, 80, 1);
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.need = {true, false};
  const DistributedGraph graph = load_graph(world(), source, options);
  CHECK_THROWS_AS(find_strong_components(graph), UsageError);
}
