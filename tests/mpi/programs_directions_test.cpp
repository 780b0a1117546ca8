// Values along the edges, against them and both ways, gathered while neighbours change and offered; and a hub, whose
// row is cut, under programs of all kinds. Against slow serial answers.
// ctest: TIMEOUT 300

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <vector>

#include "apps/bfs.hpp"
#include "apps/pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/gasket.hpp"
#include "tests/support/largest_reaching.hpp"
#include "tests/support/program_runs.hpp"

using namespace gasket;
using namespace gasket::test;

namespace {

// LargestReaching as offers.
template <EdgeDirection Edges>
struct LargestOffered {
  using Data = std::uint64_t;
  using Accum = Max<std::uint64_t>;
  static constexpr EdgeDirection scatter_edges = Edges;
  Data init(const Vertex& v) const { return v.index; }
  Accum scatter(const Edge<Data>& e) const { return {e.from.ghost}; }
  Data apply(const Vertex&, const Data& data, const Accum& in) const { return std::max(data, in.value); }
};

std::vector<std::uint64_t> largest_reaching(const Oracle& oracle, bool forward, bool backward) {
  std::vector<std::uint64_t> value(oracle.count());
  for (std::size_t v = 0; v < value.size(); ++v) value[v] = v;
  for (bool moved = true; moved;) {
    moved = false;
    const auto raise = [&](std::size_t from, std::size_t to) {
      if (value[from] > value[to]) {
        value[to] = value[from];
        moved = true;
      }
    };
    for (const Oracle::Arc& arc : oracle.arcs) {
      if (forward) raise(arc.source, arc.target);
      if (backward) raise(arc.target, arc.source);
    }
  }
  return value;
}

}  // namespace

TEST_CASE("gather while neighbours change, and scatter, along, against and both ways") {
  struct Expected {
    std::vector<std::uint64_t> forward, backward, both;
  };
  for_everything(
      all_graphs(),
      [](const Oracle& oracle) {
        return Expected{largest_reaching(oracle, true, false), largest_reaching(oracle, false, true),
                        largest_reaching(oracle, true, true)};
      },
      [](const DistributedGraph& graph, const Expected& expected, const SyncOptions& options) {
        CHECK(collect(graph, run_sync(graph, LargestReaching<EdgeDirection::in>(), options).values) ==
              expected.forward);
        CHECK(collect(graph, run_sync(graph, LargestReaching<EdgeDirection::out>(), options).values) ==
              expected.backward);
        CHECK(collect(graph, run_sync(graph, LargestReaching<EdgeDirection::both>(), options).values) == expected.both);
        CHECK(collect(graph, run_sync(graph, LargestOffered<EdgeDirection::out>(), options).values) ==
              expected.forward);
        CHECK(collect(graph, run_sync(graph, LargestOffered<EdgeDirection::in>(), options).values) ==
              expected.backward);
        CHECK(collect(graph, run_sync(graph, LargestOffered<EdgeDirection::both>(), options).values) == expected.both);
      });
}

// Its row is cut into pieces, and its offers are made by several workers. The workers of two ranks wait in place here,
// which they else do only where each has a core.
TEST_CASE("a hub with more arcs than one worker does at a time") {
  PlainGraph plain;
  plain.name = "hub";
  for (ExternalId v = 1; v <= 300'000; ++v) plain.edges.push_back({0, v, static_cast<double>(v % 7 + 1)});
  for (ExternalId v = 1; v <= 1000; ++v) plain.edges.push_back({0, v, 0.5});  // beside the first ones
  if (world().size() <= 2) parallel::set_core_share(2);
  for (const bool undirected : {false, true}) {
    const Oracle oracle(plain, undirected);
    const auto ranks = oracle.pagerank(0.85, true, 4);
    const auto distances = oracle.sssp(0);
    const auto hops = oracle.bfs(0);
    for (const char* placement : {"dbh", "contiguous"}) {
      const DistributedGraph graph = load(plain, undirected, placement);
      parallel::set_threads(2);
      for (const Direction direction : {Direction::automatic, Direction::push, Direction::pull}) {
        CAPTURE(undirected, placement, static_cast<int>(direction));
        SyncOptions options;
        options.direction = direction;
        CHECK(collect(graph, run_sync(graph, Sssp{.source = 0}, options).values) == distances);
        CHECK(collect(graph, run_sync(graph, Bfs{.source = 0}, options).values) == hops);
        CHECK(std::ranges::count(collect(graph, run_sync(graph, Wcc<std::uint32_t>(), options).values), 0u) == 300'001);
        CHECK(std::ranges::count(collect(graph, run_sync(graph, LargestOffered<EdgeDirection::both>(), options).values),
                                 300'000u) == 300'001);
        CHECK(std::ranges::count(
                  collect(graph, run_sync(graph, LargestReaching<EdgeDirection::both>(), options).values), 300'000u) ==
              300'001);
        options.max_supersteps = 4;
        // Each step sums 300 000 numbers, which together are less than 1, perhaps one after the other.
        const double bound = 4 * 300'000 * std::numeric_limits<double>::epsilon() / 2;
        CHECK(distance(collect(graph, run_sync(graph, PageRank{.tolerance = 0}, options).values), ranks) < bound);
      }
      parallel::set_threads(1);
    }
  }
  parallel::set_core_share(0);
}
