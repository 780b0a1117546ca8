// The programs of the apps against slow serial answers: on named and random graphs, directed or not, under every
// placement, pushing, pulling and as the engine chooses, on 1 and 2 threads. Push and pull run the same text.
// ctest: TIMEOUT 300

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "apps/bfs.hpp"
#include "apps/pagerank.hpp"
#include "apps/powergraph_pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/gasket.hpp"
#include "tests/support/program_runs.hpp"

using namespace gasket;
using namespace gasket::test;

TEST_CASE("PageRank is the fixpoint of its rule") {
  const auto check = [](const auto& program, bool normalised) {
    for_everything(
        all_graphs(), [&](const Oracle& oracle) { return oracle.pagerank(0.85, normalised); },
        [&](const DistributedGraph& graph, const std::vector<double>& expected, const SyncOptions& options) {
          const auto result = run_sync(graph, program, options);
          const double scale = normalised ? 1 : static_cast<double>(expected.size());
          CHECK(distance(collect(graph, result.values), expected) < 1e-9 * scale);
          CHECK(result.record.converged);
        });
  };
  check(PageRank{.tolerance = 1e-13}, true);
  check(PowerGraphPageRank<double>{.tolerance = 1e-11}, false);
}

TEST_CASE("a fixed number of PageRank iterations is that many steps of the rule") {
  for_everything(
      {random_graph(300, 3000, 2)}, [](const Oracle& oracle) { return oracle.pagerank(0.85, true, 7); },
      [](const DistributedGraph& graph, const std::vector<double>& expected, SyncOptions options) {
        options.max_supersteps = 7;
        const auto result = run_sync(graph, PageRank{.tolerance = 0}, options);
        CHECK(result.record.supersteps.size() == 7);
        CHECK_FALSE(result.record.converged);
        CHECK(distance(collect(graph, result.values), expected) < 1e-13);
      });
}

TEST_CASE("a sweep by tiles comes to the same as one by rows") {
  for_everything(
      {random_graph(300, 3000, 2), random_graph(17, 40, 3)},
      [](const Oracle& oracle) { return oracle.pagerank(0.85, true, 7); },
      [](const DistributedGraph& graph, const std::vector<double>& expected, SyncOptions options) {
        options.max_supersteps = 7;
        for (const Sweep sweep : {Sweep::rows, Sweep::tiles}) {
          options.sweep = sweep;
          CHECK(distance(collect(graph, run_sync(graph, PageRank{.tolerance = 0}, options).values), expected) < 1e-13);
        }
      });
}

// Several tiles, and tiles of the same targets shared by workers.
TEST_CASE("a sweep by tiles is right beyond one tile") {
  const PlainGraph plain = random_graph(150'000, 5'000'000, 7);
  const std::size_t steps = 3;
  for (const bool undirected : {false, true}) {
    const std::vector<double> expected = Oracle(plain, undirected).pagerank(0.85, true, steps);
    for (const char* placement : {"dbh", "contiguous"}) {
      CAPTURE(undirected, placement);
      MemorySource source(plain, {world().rank(), world().size()});
      LoadOptions load;
      load.undirected = undirected;
      load.placement = placement;
      load.need = adjacency_need<PageRank>();
      parallel::set_threads(2);
      const DistributedGraph graph = load_graph(world(), source, load);
      SyncOptions options;
      options.max_supersteps = steps;
      options.sweep = Sweep::tiles;
      CHECK(distance(collect(graph, run_sync(graph, PageRank{.tolerance = 0}, options).values), expected) < 1e-12);
      parallel::set_threads(1);
    }
  }
}

TEST_CASE("BFS, shortest paths and components are exact") {
  struct Expected {
    GlobalId source;
    std::vector<std::uint32_t> hops;
    std::vector<double> distances;
    std::vector<std::size_t> components;
  };
  for_everything(
      all_graphs(),
      [](const Oracle& oracle) {
        const std::size_t source = oracle.count() / 2;
        return Expected{source, oracle.bfs(source), oracle.sssp(source), oracle.components()};
      },
      [](const DistributedGraph& graph, const Expected& expected, const SyncOptions& options) {
        CHECK(collect(graph, run_sync(graph, Bfs{.source = expected.source}, options).values) == expected.hops);
        CHECK(collect(graph, run_sync(graph, Sssp{.source = expected.source}, options).values) == expected.distances);
        const auto labels = collect(graph, run_sync(graph, Wcc<std::uint32_t>(), options).values);
        CHECK(std::ranges::equal(labels, expected.components));
        const auto wide = collect(graph, run_sync(graph, Wcc<std::uint64_t>(), options).values);
        CHECK(std::ranges::equal(wide, expected.components));
      });
}

TEST_CASE("the rows that a direction needs are enough for it") {
  const auto check = [](const PlainGraph& plain, bool undirected, auto program, const auto& expected) {
    using P = decltype(program);
    for (const Direction direction : {Direction::automatic, Direction::push, Direction::pull}) {
      CAPTURE(plain.name, undirected, static_cast<int>(direction));
      MemorySource source(plain, {world().rank(), world().size()});
      LoadOptions load;
      load.undirected = undirected;
      load.need = adjacency_need<P>(direction);
      const DistributedGraph graph = load_graph(world(), source, load);
      SyncOptions options;
      options.direction = direction;
      CHECK(std::ranges::equal(collect(graph, run_sync(graph, program, options).values), expected));
    }
  };
  for (const PlainGraph& plain : all_graphs())
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const GlobalId source = oracle.count() / 2;
      check(plain, undirected, Bfs{.source = source}, oracle.bfs(source));
      check(plain, undirected, Sssp{.source = source, .delta = 3}, oracle.sssp(source));
      check(plain, undirected, Wcc<std::uint32_t>(), oracle.components());
    }
}

TEST_CASE("shortest paths do not depend on the width of the buckets, nor whole ones on the type of distances") {
  struct Expected {
    GlobalId source;
    std::vector<double> distances;
    bool whole;
  };
  for_everything(
      all_graphs(),
      [](const Oracle& oracle) {
        const bool whole =
            std::ranges::all_of(oracle.arcs, [](const auto& arc) { return arc.weight == std::floor(arc.weight); });
        return Expected{oracle.count() / 3, oracle.sssp(oracle.count() / 3), whole};
      },
      [](const DistributedGraph& graph, const Expected& expected, const SyncOptions& options) {
        for (const double delta : {1e-9, 0.7, 5.0, 1e9})
          CHECK(collect(graph, run_sync(graph, Sssp{.source = expected.source, .delta = delta}, options).values) ==
                expected.distances);
        if (!expected.whole) return;
        const auto whole = collect(
            graph, run_sync(graph, BasicSssp<std::uint32_t>{.source = expected.source, .delta = 2}, options).values);
        for (std::size_t v = 0; v < whole.size(); ++v)
          CHECK((whole[v] == BasicSssp<std::uint32_t>::unreached
                     ? std::numeric_limits<double>::infinity()
                     : static_cast<double>(whole[v])) == expected.distances[v]);
      });
}
