// PageRank in whole numbers has the same bits everywhere: each run is held against a serial one, number for number, and
// that one against PageRank in doubles.

#include <catch2/catch.hpp>

#include "apps/pagerank.hpp"
#include "apps/reproducible_pagerank.hpp"
#include "engine/gasket.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

constexpr int kSupersteps = 12;

// The rule written down once more, vertex after vertex.
std::vector<std::int64_t> serial(const Oracle& oracle) {
  const auto n = static_cast<double>(oracle.count());
  const double one = std::ldexp(1.0, 60);
  const auto degrees = oracle.out_degrees();
  std::vector<std::int64_t> rank(oracle.count(), static_cast<std::int64_t>(one / n));
  for (int step = 0; step < kSupersteps; ++step) {
    std::int64_t dangling = 0;
    std::vector<std::int64_t> in(rank.size());
    for (std::size_t v = 0; v < rank.size(); ++v)
      if (degrees[v] == 0) dangling += rank[v];
    for (const Oracle::Arc& arc : oracle.arcs)
      in[arc.target] += rank[arc.source] / static_cast<std::int64_t>(degrees[arc.source]);
    const double base = ((1 - 0.85) * one + 0.85 * static_cast<double>(dangling)) / n;
    for (std::size_t v = 0; v < rank.size(); ++v)
      rank[v] = static_cast<std::int64_t>(base + 0.85 * static_cast<double>(in[v]));
  }
  return rank;
}

}  // namespace

TEST_CASE("reproducible PageRank has the same bits on any ranks, threads, placement, order and direction") {
  for (const PlainGraph& plain : {random_graph(300, 3000, 2), random_graph(5000, 20000, 4, 3)})
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const std::vector<std::int64_t> expected = serial(oracle);
      const std::vector<double> in_doubles = oracle.pagerank(0.85, true, kSupersteps);
      double distance = 0;
      for (std::size_t v = 0; v < expected.size(); ++v)
        distance += std::abs(ReproduciblePageRank::rank(expected[v]) - in_doubles[v]);
      CHECK(distance < 1e-12);
      for (const PlacementInfo& placement : placements().first(3))
        for (const VertexOrder order : {VertexOrder::input, VertexOrder::degree}) {
          MemorySource source(plain, {world().rank(), world().size()});
          LoadOptions load;
          load.undirected = undirected;
          load.placement = placement.name;
          load.order = order;
          const DistributedGraph graph = load_graph(world(), source, load);
          for (const int threads : {1, 2})
            for (const Direction direction : {Direction::push, Direction::pull}) {
              CAPTURE(plain.name, undirected, placement.name, order, threads, static_cast<int>(direction));
              parallel::set_threads(threads);
              SyncOptions options;
              options.direction = direction;
              options.max_supersteps = kSupersteps;
              const auto result = run_sync(graph, ReproduciblePageRank{.tolerance = 0}, options);
              const auto slice = slice_by_id(graph, result.values);
              const auto all = world().all_gather_spans(std::span<const std::int64_t>(slice.values.span()));
              CHECK(all == expected);
            }
          parallel::set_threads(1);
        }
    }
}

TEST_CASE("PageRank in float is PageRank to six digits") {
  const PlainGraph plain = random_graph(5000, 20000, 4, 3);
  const Oracle oracle(plain, false);
  const std::vector<double> expected = oracle.pagerank(0.85, true, kSupersteps);
  MemorySource source(plain, {world().rank(), world().size()});
  const DistributedGraph graph = load_graph(world(), source, {});
  SyncOptions options;
  options.max_supersteps = kSupersteps;
  const auto result = run_sync(graph, BasicPageRank<float>{.tolerance = 0}, options);
  const auto slice = slice_by_id(graph, result.values);
  const auto all = world().all_gather_spans(std::span<const float>(slice.values.span()));
  REQUIRE(all.size() == expected.size());
  double distance = 0;
  for (std::size_t v = 0; v < all.size(); ++v) distance += std::abs(double{all[v]} - expected[v]);
  CHECK(distance < 1e-6);
}
