// Stock Boost.Graph algorithms on a rank's rows, and their answers beside the engine's on the same rows.

#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/graph_concepts.hpp>
#include <boost/graph/strong_components.hpp>
#include <catch2/catch.hpp>

#include "apps/bfs.hpp"
#include "apps/sssp.hpp"
#include "engine/sync_engine.hpp"
#include "partition/comm/simulated_network.hpp"
#include "partition/graph/boost_traits.hpp"
#include "partition/hash.hpp"
#include "partition/load.hpp"

using namespace gasket;

BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<RowsGraph>));
BOOST_CONCEPT_ASSERT((boost::IncidenceGraphConcept<RowsGraph>));
BOOST_CONCEPT_ASSERT((boost::AdjacencyGraphConcept<RowsGraph>));
BOOST_CONCEPT_ASSERT((boost::ReadablePropertyGraphConcept<RowsGraph, LocalId, boost::vertex_index_t>));

namespace {

// Random arcs with weights, all read by rank 0.
class RandomSource final : public EdgeSource {
 public:
  RandomSource(int rank, std::uint32_t vertices, std::size_t edges) : rank_(rank), vertices_(vertices), edges_(edges) {}
  std::string describe() const override { return "random"; }
  bool weighted() const override { return true; }
  std::optional<std::uint64_t> vertex_count() const override { return vertices_; }
  void read_edges(const ChunkSink& sink) override {
    if (rank_ != 0) return;
    EdgeChunk chunk;
    chunk.narrow = BigArray<std::uint32_t>(2 * edges_);
    chunk.weights = BigArray<double>(edges_);
    for (std::size_t i = 0; i < 2 * edges_; ++i) chunk.narrow[i] = spread(mix(i), vertices_);
    for (std::size_t i = 0; i < edges_; ++i) chunk.weights[i] = static_cast<double>(mix(i + 99) % 100) / 8;
    sink(std::move(chunk));
  }

 private:
  int rank_;
  std::uint32_t vertices_;
  std::size_t edges_;
};

}  // namespace

TEST_CASE("Boost.Graph runs on the rows of a rank and agrees with the engine") {
  // One rank's rows are the whole graph: each MPI rank makes a world of its own.
  SimulatedNetwork({.ranks = 1}).run([](Communicator& comm) {
    RandomSource source(0, 500, 1500);
    const DistributedGraph graph = load_graph(comm, source, {});
    const RowsGraph rows(graph.by_source());
    CHECK(num_vertices(rows) == 500);
    CHECK(num_edges(rows) == 1500);

    std::vector<std::uint32_t> depth(500, Bfs::unreached);
    depth[7] = 0;
    boost::breadth_first_search(
        rows, 7,
        boost::visitor(boost::make_bfs_visitor(boost::record_distances(
            boost::make_iterator_property_map(depth.begin(), get(boost::vertex_index, rows)), boost::on_tree_edge()))));
    const auto bfs = run_sync(graph, Bfs{.source = 7});
    CHECK(std::equal(depth.begin(), depth.end(), bfs.values.begin()));

    std::vector<double> distance(500);
    boost::dijkstra_shortest_paths(
        rows, 7,
        boost::distance_map(boost::make_iterator_property_map(distance.begin(), get(boost::vertex_index, rows)))
            .distance_inf(std::numeric_limits<double>::infinity()));
    const auto sssp = run_sync(graph, Sssp{.source = 7});
    CHECK(std::equal(distance.begin(), distance.end(), sssp.values.begin()));

    std::vector<int> component(500);
    const int strong = boost::strong_components(
        rows, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, rows)));
    CHECK(strong > 1);
    CHECK(strong < 500);
  });
}
