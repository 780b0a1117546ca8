// Core numbers against a slow peeling of the list of edges: on named and random graphs, directed and undirected, under
// every placement, on 1 and 2 threads.
// ctest: TIMEOUT 300

#include <catch2/catch.hpp>

#include "engine/core_numbers.hpp"
#include "engine/output.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

// For each k all vertices with less than k edges go, until none does: who goes had core number k - 1.
std::vector<std::uint32_t> expected_cores(const PlainGraph& plain) {
  const Oracle oracle(plain, false);  // each edge once
  std::vector<std::uint32_t> cores(oracle.count());
  std::vector<bool> gone(oracle.count());
  for (std::uint32_t k = 1; std::ranges::count(gone, false) > 0; ++k)
    for (bool moved = true; moved;) {
      moved = false;
      std::vector<std::uint32_t> degrees(oracle.count());
      for (const Oracle::Arc& arc : oracle.arcs)
        if (arc.source != arc.target && !gone[arc.source] && !gone[arc.target]) {
          ++degrees[arc.source];
          ++degrees[arc.target];
        }
      for (std::size_t v = 0; v < oracle.count(); ++v)
        if (!gone[v] && degrees[v] < k) {
          gone[v] = moved = true;
          cores[v] = k - 1;
        }
    }
  return cores;
}

std::vector<PlainGraph> all_graphs() {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(50, 80, 1));
  graphs.push_back(random_graph(300, 3000, 2));
  graphs.push_back(random_graph(1000, 1500, 3, std::uint64_t{1} << 40));
  graphs.push_back(random_graph(3000, 20000, 4, 3));
  return graphs;
}

}  // namespace

TEST_CASE("core numbers are exact") {
  for (const PlainGraph& plain : all_graphs()) {
    const std::vector<std::uint32_t> expected = expected_cores(plain);
    for (const bool undirected : {false, true})
      for (const PlacementInfo& placement : placements().first(3)) {
        MemorySource source(plain, {world().rank(), world().size()});
        LoadOptions options;
        options.undirected = undirected;
        options.placement = placement.name;
        options.need = core_numbers_need();
        const DistributedGraph graph = load_graph(world(), source, options);
        for (const int threads : {1, 2}) {
          CAPTURE(plain.name, undirected, placement.name, threads);
          parallel::set_threads(threads);
          const CoreNumbersResult result = find_core_numbers(graph);
          const ValueSlice<std::uint32_t> slice = slice_by_id(graph, result.cores);
          CHECK(world().all_gather_spans(std::span<const std::uint32_t>(slice.values.span())) == expected);
          CHECK(result.highest == *std::ranges::max_element(expected));
        }
        parallel::set_threads(1);
      }
  }
}
