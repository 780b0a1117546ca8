// Triangles and local clustering coefficients against every pair of neighbours looked up in a set: named and random
// graphs, directed and undirected, under every placement, on 1 and 2 threads, with rows fetched at once and in many
// rounds.
// ctest: TIMEOUT 300

#include <catch2/catch.hpp>
#include <set>

#include "engine/output.hpp"
#include "engine/triangles.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/slow_answers.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

template <class T>
std::vector<T> collect(const DistributedGraph& graph, const BigArray<T>& values) {
  const ValueSlice<T> slice = slice_by_id(graph, values);
  return world().all_gather_spans(std::span<const T>(slice.values.span()));
}

// So dense that the first rows are worth their bits.
PlainGraph dense_graph(std::uint32_t vertices, std::size_t edges, std::uint64_t seed) {
  PlainGraph graph = random_graph(vertices, edges, seed);
  graph.name = "dense";
  return graph;
}

std::vector<PlainGraph> all_graphs() {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(50, 80, 1));
  graphs.push_back(random_graph(100, 2000, 2));
  graphs.push_back(random_graph(1000, 8000, 3, std::uint64_t{1} << 40));
  graphs.push_back(dense_graph(300, 20000, 4));
  // Rows longer than what is looked up in one go, and vertices behind the dense ones.
  PlainGraph tail = dense_graph(500, 40000, 5);
  tail.name = "dense with a tail";
  for (std::uint32_t v = 0; v < 3000; ++v)
    for (std::uint32_t k = 0; k < 3; ++k) tail.edges.push_back({500 + v, spread(mix(8 * v + k), 500 + v), 1});
  graphs.push_back(std::move(tail));
  return graphs;
}

DistributedGraph load(const PlainGraph& plain, bool undirected, std::string_view placement, bool simple = false,
                      VertexOrder order = VertexOrder::automatic) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.undirected = undirected;
  options.drop_duplicates = simple;
  options.placement = placement;
  options.order = order;
  options.need = triangles_need();
  return load_graph(world(), source, options);
}

void check(const DistributedGraph& graph, const SlowTriangles& expected, const TriangleOptions& options) {
  const TriangleResult triangles = count_triangles(graph, options);
  CHECK(collect(graph, triangles.counts) == expected.counts);
  CHECK(triangles.triangles == expected.triangles);
  CHECK(triangles.wedges == expected.wedges);
  const ClusteringResult clustering = local_clustering(graph, options);
  CHECK(collect(graph, clustering.coefficients) == expected.coefficients);
}

}  // namespace

TEST_CASE("triangles and clustering coefficients are exact") {
  for (const PlainGraph& plain : all_graphs())
    for (const bool undirected : {false, true}) {
      const SlowTriangles expected = slow_triangles(Oracle(plain, undirected));
      for (const PlacementInfo& placement : placements().first(3)) {
        const DistributedGraph graph = load(plain, undirected, placement.name);
        for (const int threads : {1, 2}) {
          CAPTURE(plain.name, undirected, placement.name, threads);
          parallel::set_threads(threads);
          check(graph, expected, {});
          check(graph, expected, {.bytes_per_round = 2000, .arcs_per_round = 500, .wide = threads == 2});
        }
        parallel::set_threads(1);
      }
    }
}

TEST_CASE("rows without parallel edges are read as they lie, in any order") {
  for (const PlainGraph& plain : all_graphs()) {
    PlainGraph simple{plain.name, {}, plain.listed};
    std::set<std::pair<ExternalId, ExternalId>> seen;
    for (const PlainEdge& e : plain.edges)
      if (seen.insert(std::minmax(e.source, e.target)).second) simple.edges.push_back(e);
    const SlowTriangles expected = slow_triangles(Oracle(simple, true));
    for (const VertexOrder order : {VertexOrder::input, VertexOrder::degree})
      for (const int threads : {1, 2}) {
        CAPTURE(plain.name, threads);
        parallel::set_threads(threads);
        check(load(simple, true, "dbh", false, order), expected, {});
      }
    parallel::set_threads(1);
  }
}

TEST_CASE("a graph without the rows of both directions is refused on every rank") {
  const PlainGraph plain = random_graph(50, 80, 1);
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.need = {true, false};
  const DistributedGraph graph = load_graph(world(), source, options);
  CHECK_THROWS_AS(count_triangles(graph), UsageError);
}
