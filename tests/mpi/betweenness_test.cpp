// Betweenness against Boost.Graph: on named and random graphs, directed and undirected, under every placement, pushing,
// pulling and as each rank chooses, on 1 and 2 threads.
// ctest: TIMEOUT 300

#include <boost/graph/betweenness_centrality.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "engine/betweenness.hpp"
#include "engine/output.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

// Every parallel edge is a path of its own there too.
std::vector<double> expected_scores(const Oracle& oracle) {
  boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(oracle.count());
  for (const Oracle::Arc& arc : oracle.arcs) boost::add_edge(arc.source, arc.target, graph);
  std::vector<double> scores(oracle.count());
  boost::brandes_betweenness_centrality(
      graph, boost::make_iterator_property_map(scores.begin(), boost::get(boost::vertex_index, graph)));
  return scores;
}

// What one source adds, by the definition: the shortest paths from it to t that lead through v are those to v times
// those from v to t.
std::vector<double> expected_dependencies(const Oracle& oracle, std::size_t source) {
  const std::size_t n = oracle.count();
  const auto count_paths = [&](std::size_t from) {
    const std::vector<std::uint32_t> depth = oracle.bfs(from);
    std::vector<double> paths(n);
    paths[from] = 1;
    for (std::uint32_t d = 0; std::ranges::count(depth, d) > 0; ++d)
      for (const Oracle::Arc& arc : oracle.arcs)
        if (depth[arc.source] == d && depth[arc.target] == d + 1) paths[arc.target] += paths[arc.source];
    return std::pair(depth, paths);
  };
  const auto [depth, paths] = count_paths(source);
  std::vector<double> dependencies(n);
  for (std::size_t v = 0; v < n; ++v) {
    if (v == source || paths[v] == 0) continue;
    const auto [onwards, more] = count_paths(v);
    for (std::size_t t = 0; t < n; ++t)
      if (t != v && more[t] > 0 && depth[v] + onwards[t] == depth[t]) dependencies[v] += paths[v] * more[t] / paths[t];
  }
  return dependencies;
}

DistributedGraph load(const PlainGraph& plain, bool undirected, std::string_view placement) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.undirected = undirected;
  options.placement = placement;
  options.need = betweenness_need();
  return load_graph(world(), source, options);
}

std::vector<GlobalId> all_of(const DistributedGraph& graph) {
  std::vector<GlobalId> sources(graph.vertices());
  std::iota(sources.begin(), sources.end(), GlobalId{0});
  return sources;
}

// Whether the scores are as expected but for rounding.
bool match(const DistributedGraph& graph, const BetweennessResult& result, const std::vector<double>& expected) {
  const ValueSlice<double> slice = slice_by_id(graph, result.scores);
  const std::vector<double> scores = world().all_gather_spans(std::span<const double>(slice.values.span()));
  return std::ranges::equal(scores, expected,
                            [](double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b)); });
}

// Calls body(graph, options) for every placement, thread count and direction of the work.
template <class Body>
void for_everything(const PlainGraph& plain, bool undirected, const Body& body) {
  for (const PlacementInfo& placement : placements().first(4)) {
    const DistributedGraph graph = load(plain, undirected, placement.name);
    for (const int threads : {1, 2})
      for (const Direction direction : {Direction::automatic, Direction::push, Direction::pull}) {
        CAPTURE(plain.name, undirected, placement.name, threads, static_cast<int>(direction));
        parallel::set_threads(threads);
        BetweennessOptions options;
        options.direction = direction;
        body(graph, options);
      }
    parallel::set_threads(1);
  }
}

std::string grid_text(std::size_t side) { return "grid of " + std::to_string(side); }
PlainGraph grid(std::size_t side) {
  PlainGraph plain{grid_text(side), {}};
  for (std::size_t y = 0; y < side; ++y)
    for (std::size_t x = 0; x < side; ++x) {
      if (x + 1 < side) plain.edges.push_back({y * side + x, y * side + x + 1});
      if (y + 1 < side) plain.edges.push_back({y * side + x, (y + 1) * side + x});
    }
  return plain;
}

}  // namespace

TEST_CASE("betweenness of all sources is that of Boost.Graph") {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(50, 80, 1));
  graphs.push_back(random_graph(100, 1200, 2));
  graphs.push_back(random_graph(100, 300, 3, std::uint64_t{1} << 40));
  graphs.push_back(grid(7));
  for (const PlainGraph& plain : graphs)
    for (const bool undirected : {false, true}) {
      const std::vector<double> expected = expected_scores(Oracle(plain, undirected));
      for_everything(plain, undirected, [&](const DistributedGraph& graph, const BetweennessOptions& options) {
        CHECK(match(graph, sum_dependencies(graph, all_of(graph), options), expected));
      });
    }
}

TEST_CASE("a source's dependencies are as defined, and add up over sources") {
  // The second is large enough for several workers at once.
  for (const PlainGraph& plain : {random_graph(120, 400, 5), random_graph(200, 8000, 6)})
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      std::vector<double> expected(oracle.count());
      std::vector<GlobalId> sources = {3, 77, 3, oracle.count() - 1};  // one of them twice
      for (const GlobalId source : sources)
        std::ranges::transform(expected, expected_dependencies(oracle, source), expected.begin(), std::plus<>());
      for_everything(plain, undirected, [&](const DistributedGraph& graph, const BetweennessOptions& options) {
        const BetweennessResult result = sum_dependencies(graph, sources, options);
        CHECK(match(graph, result, expected));
        CHECK(result.record.supersteps.size() == sources.size());
        const std::vector<std::uint32_t> depths = oracle.bfs(3);
        CHECK(result.record.supersteps[0].active ==
              oracle.count() - static_cast<std::size_t>(std::ranges::count(depths, ~std::uint32_t{0})));
      });
    }
}

TEST_CASE("more shortest paths than a double can count") {
  // A chain of 1500 diamonds: 2^1500 paths from end to end, half of them through either side of each.
  constexpr std::uint64_t kDiamonds = 1500;
  PlainGraph plain{"diamonds", {}};
  std::vector<double> expected(3 * kDiamonds + 1);
  for (std::uint64_t d = 0; d < kDiamonds; ++d) {
    const double beyond = 3.0 * static_cast<double>(kDiamonds - d);  // vertices behind the waist where it begins
    for (const std::uint64_t side : {3 * d + 1, 3 * d + 2}) {
      plain.edges.push_back({3 * d, side});
      plain.edges.push_back({side, 3 * d + 3});
      expected[side] = (beyond - 2) / 2;
    }
    if (d > 0) expected[3 * d] = beyond;
  }
  for (const PlacementInfo& placement : placements().first(3)) {
    const DistributedGraph graph = load(plain, false, placement.name);
    CAPTURE(placement.name);
    const GlobalId last = 3 * kDiamonds;  // adds nothing
    const GlobalId sources[] = {last, 0, last};
    CHECK(match(graph, sum_dependencies(graph, sources), expected));
  }
}
