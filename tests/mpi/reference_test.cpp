// Answers on real graphs beside those that other programs computed (igraph, scipy, GAP). The graphs lie in the folder
// that GASKET_DATA names; without them the test is skipped.
// ctest: TIMEOUT 300

#include <zlib.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/bfs.hpp"
#include "apps/pagerank.hpp"
#include "apps/powergraph_pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/gasket.hpp"
#include "tests/support/reference_data.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

struct Reference {
  std::string name;
  std::string edges;  // path
  nlohmann::json facts;
  std::vector<double> pagerank;  // empty when there is none
};

Reference read_reference(const std::string& name) {
  Reference reference{name, "", {}, {}};
  const auto folder = reference_data() / name;
  std::ifstream(folder / "reference.json") >> reference.facts;
  for (const char* ending : {".el.gz", ".wel.gz"})
    if (exists(folder / (name + ending))) reference.edges = (folder / (name + ending)).string();
  if (const auto vector = folder / "pagerank.f64.gz"; exists(vector)) {
    reference.pagerank.resize(reference.facts["n"]);
    gzFile file = gzopen(vector.c_str(), "rb");
    const auto bytes = static_cast<unsigned>(reference.pagerank.size() * sizeof(double));
    REQUIRE(gzread(file, reference.pagerank.data(), bytes) == static_cast<int>(bytes));
    gzclose(file);
  }
  return reference;
}

// The graph with id == index, on which everything is checked.
void check_pagerank(const DistributedGraph& graph, const Reference& reference) {
  Communicator& comm = graph.communicator();
  const auto result = run_sync(graph, PageRank{.tolerance = 1e-12});
  CHECK(result.record.converged);
  if (!reference.pagerank.empty()) {
    double distance = 0;
    for (LocalId v = 0; v < graph.masters(); ++v)
      distance += std::abs(result.values[v] - reference.pagerank[graph.external_id(v)]);
    CHECK(comm.sum(distance) < 1e-8);
  }
  std::map<ExternalId, double> rank_of;
  for (const auto& [id, value] : top_values(graph, result.values, 30, std::greater<>(), [](double) { return true; }))
    rank_of[id] = value;
  for (const auto& entry : reference.facts["pagerank"]["top20"]) {
    const ExternalId id = entry[0];
    REQUIRE(rank_of.count(id) == 1);
    CHECK(rank_of[id] == Approx(double{entry[1]}).margin(1e-10));
  }
}

void check_powergraph(const DistributedGraph& graph, const Reference& reference) {
  const auto result = run_sync(graph, PowerGraphPageRank<double>{.tolerance = 1e-11});
  const auto top = top_values(graph, result.values, 1, std::greater<>(), [](double) { return true; });
  CHECK(top[0].value == Approx(double{reference.facts["pagerank_graphlab"]["max"]}).epsilon(1e-9));
}

void check_bfs(const DistributedGraph& graph, const Reference& reference) {
  Communicator& comm = graph.communicator();
  for (const auto& record : reference.facts["bfs"]) {
    if ((record["mode"] == "undirected") == graph.directed()) continue;
    const auto result = run_sync(graph, Bfs{.source = record["root"]});
    std::vector<std::uint64_t> histogram;
    for (const std::uint32_t depth : result.values) {
      if (depth == Bfs::unreached) continue;
      if (histogram.size() <= depth) histogram.resize(depth + 1);
      ++histogram[depth];
    }
    histogram.resize(comm.max(histogram.size()));
    comm.all_reduce_in_place(std::span(histogram), std::plus<std::uint64_t>());
    std::uint64_t reached = 0, sum = 0;
    for (std::size_t depth = 0; depth < histogram.size(); ++depth) {
      reached += histogram[depth];
      sum += depth * histogram[depth];
    }
    CHECK(reached == std::uint64_t{record["reached"]});
    CHECK(histogram.size() - 1 == std::uint64_t{record["ecc"]});
    CHECK(sum == std::uint64_t{record["sum_depth"]});
    // Of long histograms the reference has the beginning, then "...".
    const auto& expected = record["depth_histogram"];
    for (std::size_t depth = 0; depth < expected.size() && expected[depth].is_number(); ++depth)
      if (histogram.at(depth) != std::uint64_t{expected[depth]})
        FAIL_CHECK("depth " << depth << ": " << histogram[depth] << " instead of " << expected[depth]);
  }
}

void check_components(const DistributedGraph& graph, const Reference& reference) {
  Communicator& comm = graph.communicator();
  const auto result = run_sync(graph, Wcc<std::uint32_t>());
  std::vector<std::uint64_t> sizes(graph.vertices());
  for (const std::uint32_t label : result.values) ++sizes[label];
  comm.all_reduce_in_place(std::span(sizes), std::plus<std::uint64_t>());
  CHECK(graph.vertices() - static_cast<std::uint64_t>(std::ranges::count(sizes, 0u)) ==
        std::uint64_t{reference.facts["weak_components"]["count"]});
  CHECK(*std::ranges::max_element(sizes) == std::uint64_t{reference.facts["weak_components"]["largest"]});
}

void check_sssp(const DistributedGraph& graph, const Reference& reference) {
  Communicator& comm = graph.communicator();
  const auto& expected = reference.facts["sssp"];
  const auto source = graph.ids().find(comm, ExternalId{expected["root"]});
  REQUIRE(source.has_value());
  const auto result = run_sync(graph, Sssp{.source = *source});
  std::uint64_t reached = 0;
  double sum = 0, farthest = 0;
  for (const double distance : result.values)
    if (distance < std::numeric_limits<double>::infinity()) {
      ++reached;
      sum += distance;
      farthest = std::max(farthest, distance);
    }
  CHECK(comm.sum(reached) == std::uint64_t{expected["reached"]});
  CHECK(comm.sum(sum) == Approx(double{expected["sum"]}).epsilon(1e-9));
  CHECK(comm.max(farthest) == Approx(double{expected["max"]}).epsilon(1e-9));
}

void check_graph(const std::string& name, std::initializer_list<const char*> placements,
                 std::initializer_list<int> threads, bool slow_programs) {
  if (reference_data().empty() || !exists(reference_data() / name)) {
    WARN("skipped: no " << name << " in the folder of reference graphs (GASKET_DATA)");
    mark_skipped();
    return;
  }
  const Reference reference = read_reference(name);
  const bool weighted = reference.edges.ends_with(".wel.gz");
  for (const char* placement : placements)
    for (const int count : threads) {
      CAPTURE(name, placement, count);
      parallel::set_threads(count);
      const auto source = open_source(world(), {.path = reference.edges, .weights = weighted});
      const DistributedGraph graph =
          load_graph(world(), *source, {.undirected = !reference.facts["directed"], .placement = placement});
      CHECK(graph.edges() == std::uint64_t{reference.facts["m"]});
      if (weighted) {
        check_sssp(graph, reference);
        continue;
      }
      CHECK(graph.vertices() == std::uint64_t{reference.facts["n"]});
      check_pagerank(graph, reference);
      if (slow_programs) check_powergraph(graph, reference);
      check_bfs(graph, reference);
      if (slow_programs) check_components(graph, reference);
    }
  parallel::set_threads(1);
}

}  // namespace

TEST_CASE("small reference graphs, under every placement and 1 and 2 threads") {
  for (const char* name : {"nk-karate", "nk-jazz", "facebook_combined", "wiki-Vote", "nk-PGPgiantcompo", "email-Enron",
                           "p2p-Gnutella31", "tn-siouxfalls", "tn-austin", "tn-chicago-regional"})
    check_graph(name, {"dbh", "random", "contiguous"}, {1, 2}, true);
}

TEST_CASE("a social network, under every placement") {
  check_graph("soc-Slashdot0902", {"dbh", "random", "contiguous"}, {1, 2}, true);
}

TEST_CASE("a web crawl and a road network") {
  check_graph("cnr-2000", {"dbh", "contiguous"}, {1}, false);
  check_graph("road-usa-NY", {"dbh", "contiguous"}, {1}, false);
}

TEST_CASE("the complete matrix of the large graphs", "[.slow]") {
  for (const char* name : {"cnr-2000", "road-usa-NY", "road-usa-NE"})
    check_graph(name, {"dbh", "random", "contiguous"}, {1, 2}, true);
}
