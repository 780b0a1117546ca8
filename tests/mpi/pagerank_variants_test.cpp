// PageRank swept in place, with a restart vector and with weights, against its rule in long double: on named and random
// graphs, directed and undirected, under every placement, pushing and pulling, on 1 and 2 threads; and the files that
// restart vectors come from.
// ctest: TIMEOUT 300

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <optional>

#include "apps/in_place_pagerank.hpp"
#include "apps/pagerank.hpp"
#include "apps/restarting_pagerank.hpp"
#include "engine/output.hpp"
#include "engine/restart.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

// networkx.pagerank's rule: "personalization: the nodes' personalization values; those not named are zero" (normalised
// to sum 1), "dangling: by default, dangling nodes are given outedges according to the personalization vector", "weight:
// edge data used as weight"; rows of the matrix whose sum is 0 are dangling.
std::vector<double> expected_ranks(const Oracle& oracle, std::vector<long double> restart, bool weighted,
                                   double damping = 0.85) {
  const std::size_t n = oracle.count();
  const long double d = damping;
  std::vector<long double> out(n);
  for (const Oracle::Arc& arc : oracle.arcs) out[arc.source] += weighted ? arc.weight : 1;
  long double sum = 0;
  for (const long double share : restart) sum += share;
  for (long double& share : restart) share /= sum;
  std::vector<long double> rank(n, 1 / static_cast<long double>(n));
  long double change = 1;
  while (change > 1e-17L) {
    long double dangling = 0;
    for (std::size_t v = 0; v < n; ++v)
      if (out[v] == 0) dangling += rank[v];
    std::vector<long double> next(n);
    for (std::size_t v = 0; v < n; ++v) next[v] = restart[v] * (1 - d + d * dangling);
    for (const Oracle::Arc& arc : oracle.arcs)
      if (out[arc.source] > 0) next[arc.target] += d * rank[arc.source] * (weighted ? arc.weight : 1) / out[arc.source];
    change = 0;
    for (std::size_t v = 0; v < n; ++v) change += std::abs(next[v] - rank[v]);
    rank = next;
  }
  return {rank.begin(), rank.end()};
}

std::vector<double> collect(const DistributedGraph& graph, const BigArray<double>& values) {
  const ValueSlice<double> slice = slice_by_id(graph, values);
  return world().all_gather_spans(std::span<const double>(slice.values.span()));
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

DistributedGraph load(const PlainGraph& plain, bool undirected, std::string_view placement, AdjacencyNeed need) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.undirected = undirected;
  options.placement = placement;
  options.need = need;
  return load_graph(world(), source, options);
}

std::vector<PlainGraph> all_graphs() {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(50, 80, 1));
  graphs.push_back(random_graph(300, 3000, 2));
  graphs.push_back(random_graph(1000, 4000, 3, std::uint64_t{1} << 40));
  return graphs;
}

// A file that rank 0 writes and all know.
class SharedFile {
 public:
  explicit SharedFile(const std::string& text) {
    std::vector<char> path;
    if (world().rank() == 0) {
      folder_.emplace();
      const std::string name = (*folder_ / "restart.txt").string();
      std::ofstream(name) << text;
      path.assign(name.begin(), name.end());
    }
    world().broadcast(path, 0);
    path_.assign(path.begin(), path.end());
  }
  const std::string& path() const { return path_; }

 private:
  std::optional<ScratchFolder> folder_;
  std::string path_;
};

std::string refusal(const DistributedGraph& graph, const std::string& text) {
  const SharedFile file(text);
  try {
    read_restart(graph, file.path());
  } catch (const Error& error) {
    CHECK(error.agreed());
    CHECK(error.code() == ExitCode::bad_input);
    return std::string(error.what()).substr(file.path().size());
  }
  return "";
}

}  // namespace

TEST_CASE("PageRank with a restart vector is the fixpoint of its rule, with and without weights") {
  for (const PlainGraph& plain : all_graphs())
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      // Every third vertex, with a weight of its own, and the last.
      std::vector<long double> some(oracle.count()), all(oracle.count(), 1);
      for (std::size_t v = 0; v < oracle.count(); v += 3) some[v] = static_cast<long double>(v % 7);
      some.back() = 2;
      std::string text = "# who\n\n";
      for (std::size_t v = 0; v < oracle.count(); ++v)
        if (v % 3 == 0 || v + 1 == oracle.count())
          text += std::to_string(oracle.ids[v]) + (v % 2 == 0 ? " " : ",") + std::to_string(static_cast<int>(some[v])) +
                  "\n";
      const SharedFile file(text);
      const std::vector<double> personal = expected_ranks(oracle, some, false),
                                weighted = expected_ranks(oracle, all, true), both = expected_ranks(oracle, some, true);
      for (const PlacementInfo& placement : placements().first(3))
        for (const Direction direction : {Direction::pull, Direction::push}) {
          const DistributedGraph graph =
              load(plain, undirected, placement.name, adjacency_need<WeightedPageRank>(direction));
          for (const int threads : {1, 2}) {
            CAPTURE(plain.name, undirected, placement.name, threads, static_cast<int>(direction));
            parallel::set_threads(threads);
            SyncOptions options;
            options.direction = direction;
            const RestartVector restart = read_restart(graph, file.path());
            const BigArray<double> out_weights = sum_out_weights(graph);
            RestartingPageRank program{.tolerance = 1e-13, .anywhere = false, .restart = restart.shares.span()};
            CHECK(distance(collect(graph, run_sync(graph, program, options).values), personal) < 1e-10);
            WeightedPageRank heavy;
            heavy.tolerance = 1e-13;
            heavy.out_weights = out_weights.span();
            CHECK(distance(collect(graph, run_sync(graph, heavy, options).values), weighted) < 1e-10);
            heavy.anywhere = false;
            heavy.restart = restart.shares.span();
            CHECK(distance(collect(graph, run_sync(graph, heavy, options).values), both) < 1e-10);
          }
          parallel::set_threads(1);
        }
    }
}

TEST_CASE("PageRank with a restart vector is the fixpoint of its rule at any damping") {
  for (const PlainGraph& plain : {random_graph(300, 3000, 2), random_graph(200, 400, 9)}) {
    const Oracle oracle(plain, false);
    const GlobalId starts[] = {0, 5, 77};
    std::vector<long double> some(oracle.count());
    for (const GlobalId v : starts) some[v] = 1;
    for (const double damping : {0.0, 0.5, 0.97})
      for (const PlacementInfo& placement : placements().first(3)) {
        CAPTURE(plain.name, damping, placement.name);
        const DistributedGraph graph = load(plain, false, placement.name, adjacency_need<WeightedPageRank>());
        const RestartVector restart = restart_at(graph, starts);
        const BigArray<double> out_weights = sum_out_weights(graph);
        RestartingPageRank program{
            .damping = damping, .tolerance = 1e-14, .anywhere = false, .restart = restart.shares.span()};
        CHECK(distance(collect(graph, run_sync(graph, program).values), expected_ranks(oracle, some, false, damping)) <
              1e-11);
        WeightedPageRank heavy;
        static_cast<RestartingPageRank&>(heavy) = program;
        heavy.out_weights = out_weights.span();
        CHECK(distance(collect(graph, run_sync(graph, heavy).values), expected_ranks(oracle, some, true, damping)) <
              1e-11);
      }
  }
}

namespace {

BigArray<double> in_double(const BigArray<float>& values) {
  BigArray<double> wide(values.size());
  std::ranges::copy(values, wide.begin());
  return wide;
}

// Ranks from values swept in place.
template <class Value>
std::vector<double> swept(const DistributedGraph& graph, double tolerance, SyncOptions options = {},
                          double damping = 0.85) {
  const auto result = run_sync(graph, InPlacePageRank<Value>{.damping = damping, .tolerance = tolerance}, options);
  BigArray<double> ranks(result.values.size());
  for (std::size_t v = 0; v < ranks.size(); ++v) ranks[v] = result.values[v] / result.global.mass;
  return collect(graph, ranks);
}

template <class P>
std::size_t supersteps(const DistributedGraph& graph, double tolerance) {
  return run_sync(graph, P{.tolerance = tolerance}).record.supersteps.size();
}

PlainGraph mesh(std::uint64_t side) {
  PlainGraph graph{"mesh", {}};
  for (std::uint64_t v = 0; v < side * side; ++v) {
    if ((v + 1) % side != 0) graph.edges.push_back({v, v + 1});
    if (v + side < side * side) graph.edges.push_back({v, v + side});
  }
  return graph;
}

}  // namespace

TEST_CASE("sweeps in place come to the same ranks") {
  for (const PlainGraph& plain : all_graphs())
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const std::vector<double> expected = expected_ranks(oracle, std::vector<long double>(oracle.count(), 1), false);
      for (const PlacementInfo& placement : placements().first(3)) {
        const DistributedGraph graph =
            load(plain, undirected, placement.name, adjacency_need<InPlacePageRank<double>>());
        for (const int threads : {1, 2})
          for (const Sweep sweep : {Sweep::rows, Sweep::tiles}) {
            CAPTURE(plain.name, undirected, placement.name, threads, static_cast<int>(sweep));
            parallel::set_threads(threads);
            SyncOptions options;
            options.sweep = sweep;
            CHECK(distance(swept<double>(graph, 1e-13, options), expected) < 1e-10);
            options.max_supersteps = 200;  // rounding may keep floats from a small change
            CHECK(distance(swept<float>(graph, 1e-6, options), expected) < 1e-4);
          }
        parallel::set_threads(1);
      }
    }
}

// The terms of a hub's sum are equal, so that rounding them one after the other would always err to the same side: by 5e-4
// of itself for 50,000 and more. So many more are cut into pieces for several workers.
TEST_CASE("floats keep five digits of a vertex with very many neighbours") {
  PlainGraph star{"star", {}};
  for (std::uint64_t leaf = 1; leaf <= 300'000; ++leaf) star.edges.push_back({leaf, 0});
  const std::size_t steps = 12;
  for (const bool undirected : {false, true}) {
    const std::vector<double> expected = Oracle(star, undirected).pagerank(0.85, true, steps);
    for (const char* placement : {"dbh", "random", "contiguous"}) {
      const DistributedGraph graph = load(star, undirected, placement, adjacency_need<BasicPageRank<float>>());
      for (const int threads : {1, 2})
        for (const Sweep sweep : {Sweep::rows, Sweep::tiles}) {
          CAPTURE(undirected, placement, threads, static_cast<int>(sweep));
          parallel::set_threads(threads);
          SyncOptions options;
          options.max_supersteps = steps;
          options.sweep = sweep;
          const auto result = run_sync(graph, BasicPageRank<float>{.tolerance = 0}, options);
          const std::vector<double> ranks = collect(graph, in_double(result.values));
          std::size_t off = 0;  // also those that are no number
          for (std::size_t v = 0; v < ranks.size(); ++v)
            off += std::abs(ranks[v] - expected[v]) < 1e-5 * expected[v] ? 0 : 1;
          CHECK(off == 0);
        }
      parallel::set_threads(1);
    }
  }
}

// A rank is rounded once or twice in every step, and an error lives for 1/(1-d) steps by damping d.
TEST_CASE("floats come to the ranks of doubles at any damping, and sum up to 1") {
  const std::size_t steps = 300;
  for (const PlainGraph& plain : {random_graph(1000, 8000, 11), random_graph(3000, 5000, 12)})
    for (const bool undirected : {false, true})
      for (const double damping : {0.1, 0.7, 0.95, 0.999}) {
        const std::vector<double> expected = Oracle(plain, undirected).pagerank(damping, true, steps);
        const double bound = std::min(1e-5, 0x1p-24 * (4 + std::min<double>(steps, 1 / (1 - damping))));
        for (const char* placement : {"dbh", "contiguous"}) {
          const DistributedGraph graph = load(plain, undirected, placement, adjacency_need<BasicPageRank<float>>());
          SyncOptions options;
          options.max_supersteps = steps;  // rounding may keep floats from a small change
          for (const Sweep sweep : {Sweep::rows, Sweep::tiles}) {
            CAPTURE(plain.name, undirected, damping, placement, static_cast<int>(sweep));
            options.sweep = sweep;
            const auto result = run_sync(graph, BasicPageRank<float>{.damping = damping, .tolerance = 0}, options);
            const std::vector<double> ranks = collect(graph, in_double(result.values));
            double sum = 0;
            std::size_t off = 0;  // also those that are no number
            for (std::size_t v = 0; v < ranks.size(); ++v) {
              sum += ranks[v];
              off += std::abs(ranks[v] - expected[v]) < bound * expected[v] ? 0 : 1;
            }
            CHECK(off == 0);
            // Vertices that are much alike, as these are if undirected, are all rounded to the same side.
            CHECK(std::abs(sum - 1) < (undirected ? bound : 1e-6));
          }
          if (damping < 0.99) CHECK(distance(swept<float>(graph, 1e-6, options, damping), expected) < 1e-4);
        }
      }
}

TEST_CASE("sweeps in place are fewer on one rank, and the first of them plain") {
  const DistributedGraph graph = load(mesh(60), true, "contiguous", adjacency_need<PageRank>());
  const std::size_t plain = supersteps<PageRank>(graph, 1e-9),
                    in_place = supersteps<InPlacePageRank<double>>(graph, 1e-9);
  CHECK(in_place < plain);
  if (world().size() == 1) CHECK(4 * in_place < 3 * plain);

  SyncOptions first;
  first.max_supersteps = InPlacePageRank<double>::in_place_after;
  CHECK(distance(swept<double>(graph, 0, first), collect(graph, run_sync(graph, PageRank(), first).values)) <
        1e-12);  // rounding of sums over 3600
}

TEST_CASE("equal restart shares by list and by file") {
  const PlainGraph plain = random_graph(200, 600, 8, 5);
  const Oracle oracle(plain, false);
  for (const PlacementInfo& placement : placements().first(3)) {
    const DistributedGraph graph = load(plain, false, placement.name, adjacency_need<RestartingPageRank>());
    const GlobalId vertices[] = {7, 3, 100};
    const RestartVector listed = restart_at(graph, vertices);
    std::string text;
    for (const GlobalId v : vertices) text += std::to_string(oracle.ids[v]) + "\n";
    const SharedFile file(text);
    const RestartVector read = read_restart(graph, file.path());
    CHECK(listed.named == 3);
    CHECK(read.named == 3);
    CHECK(collect(graph, listed.shares) == collect(graph, read.shares));
    std::vector<double> expected(oracle.count());
    for (const GlobalId v : vertices) expected[v] = 1.0 / 3;
    CHECK(collect(graph, read.shares) == expected);
  }
}

TEST_CASE("a bad restart file is one error on all ranks, with its line") {
  const DistributedGraph graph = load({"edges", {{1, 2}, {2, 3}}}, false, "dbh", {});
  CHECK(refusal(graph, "1 2\n3\n").empty());
  CHECK(refusal(graph, "1 2\r\n\t3 , 0.5 \r\n% comment").empty());
  CHECK(refusal(graph, "") == ": names no vertex");
  CHECK(refusal(graph, "# nobody\n\n") == ": names no vertex");
  CHECK(refusal(graph, "1 0\n2 0\n") == ": all weights are 0");
  CHECK(refusal(graph, "1 1\n2 -1\n") == ":2: the weight -1 is less than 0");
  CHECK(refusal(graph, "1\n\n4\n") == ":3: the graph has no vertex 4");
  CHECK(refusal(graph, "1\n2\n1 3\n") == ":3: vertex 1 is named again");
  CHECK(refusal(graph, "1 1e308\n2 1e308\n") == ": the weights add up to more than 1e308");
  for (const char* line : {"x", "-1", "1 heavy", "1 nan", "1 inf", "1 2 3", "1.5", "18446744073709551616"})
    CHECK(refusal(graph, std::string("1\n") + line + "\n") ==
          std::string(":2: expected a vertex id and perhaps a weight, found '") + line + "'");
  CHECK_THROWS_AS(read_restart(graph, "/no/such/file"), InputError);
}
