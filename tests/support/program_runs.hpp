#pragma once
// Every way in which a test of a synchronous program runs it: graphs, placements, threads and directions.

#include <catch2/catch.hpp>
#include <cmath>
#include <string_view>
#include <vector>

#include "engine/gasket.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/graph_checks.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

namespace gasket::test {

/// Named and random ones, of ids near and far apart.
inline std::vector<PlainGraph> all_graphs() {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(50, 80, 1));
  graphs.push_back(random_graph(300, 3000, 2));
  graphs.push_back(random_graph(1000, 4000, 3, std::uint64_t{1} << 40));
  graphs.push_back(random_graph(5000, 20000, 4, 3));
  return graphs;
}

/// By all ranks.
inline DistributedGraph load(const PlainGraph& plain, bool undirected, std::string_view placement) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.undirected = undirected;
  options.placement = placement;
  return load_graph(world(), source, options);
}

/// Calls body(graph, expected, options) for every graph, placement, direction of the edges, thread count and direction
/// of the work; expected is what prepare(oracle) gave for the graph.
template <class Prepare, class Body>
void for_everything(const std::vector<PlainGraph>& graphs, const Prepare& prepare, const Body& body) {
  for (const PlainGraph& plain : graphs)
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const auto expected = prepare(oracle);
      for (const PlacementInfo& placement : placements().first(3)) {
        const DistributedGraph graph = load(plain, undirected, placement.name);
        REQUIRE(graph.vertices() == oracle.count());
        REQUIRE(graph.arcs() == oracle.arcs.size());
        for (const int threads : {1, 2})
          for (const Direction direction : {Direction::automatic, Direction::push, Direction::pull}) {
            CAPTURE(plain.name, undirected, placement.name, threads, static_cast<int>(direction));
            parallel::set_threads(threads);
            SyncOptions options;
            options.direction = direction;
            body(graph, expected, options);
          }
        parallel::set_threads(1);
      }
    }
}

/// The sum of all differences.
inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

}  // namespace gasket::test
