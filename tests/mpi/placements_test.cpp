// Every strategy: each edge on exactly one rank, one master per vertex, ghosts exactly where edges need them, answers
// unchanged, and as many bytes per superstep as the lab predicts. Files of parts: read back, and refused when damaged.
// ctest: TIMEOUT 300

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "apps/bfs.hpp"
#include "apps/pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/betweenness.hpp"
#include "engine/gasket.hpp"
#include "engine/label_propagation.hpp"
#include "partition/place/part_shares.hpp"
#include "tests/support/graph_checks.hpp"
#include "tests/support/placement_lab.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

// Every value changes in every superstep.
template <class Value, EdgeDirection Edges>
struct Restless {
  using Data = Value;
  using Accum = Value;
  static constexpr bool always_awake = true;
  static constexpr EdgeDirection gather_edges = Edges;
  Data init(const Vertex&) const { return 0; }
  Accum gather(const Edge<Data>& e) const { return e.from.ghost > Value(1e9) ? Value(1) : Value(0); }
  Data apply(const Vertex&, const Data& before, const Accum& in) const { return before + 1 + in; }
};

// What the lab predicts for this program, and what the engine counts.
template <class Value, EdgeDirection Edges>
void check_bytes(const DistributedGraph& graph, const PlacementLab& lab, std::string_view placement) {
  const Traffic traffic{Edges == EdgeDirection::in    ? Flow::forward
                        : Edges == EdgeDirection::out ? Flow::backward
                                                      : Flow::both,
                        sizeof(Value), sizeof(Value)};
  const PlacementStudy study = lab.study(placement, static_cast<PartId>(world().size()), traffic);
  SyncOptions options;
  options.max_supersteps = 4;
  const auto result = run_sync(graph, Restless<Value, Edges>(), options);
  REQUIRE(result.record.supersteps.size() == 4);
  CAPTURE(sizeof(Value), static_cast<int>(Edges));
  CHECK(result.record.supersteps[1].bytes_sent == study.bytes_per_superstep);
  CHECK(result.record.supersteps[2].bytes_sent == study.bytes_per_superstep);
}

std::vector<PlainGraph> graphs() {
  std::vector<PlainGraph> list = named_graphs();
  list.push_back(random_graph(300, 3000, 2));
  list.push_back(random_graph(1000, 4000, 3, std::uint64_t{1} << 40));
  return list;
}

// Ends are drawn as the power of an even number: with 1 all vertices are alike, with 4 some are hubs, anywhere among the ids.
PlainGraph drawn_graph(const char* name, double vertices, std::size_t edges, double power) {
  PlainGraph graph{name, {}};
  const auto end = [&](std::size_t i) {
    const double x = static_cast<double>(mix(i) >> 11) * 0x1p-53;
    return static_cast<ExternalId>(vertices * std::pow(x, power)) * 2741 % static_cast<ExternalId>(vertices);
  };
  for (std::size_t i = 0; i < edges; ++i) graph.edges.push_back({end(2 * i), end(2 * i + 1)});
  return graph;
}

DistributedGraph load(const PlainGraph& plain, bool undirected, const std::string& placement,
                      std::vector<double> weights = {}) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.weights = std::move(weights);
  options.undirected = undirected;
  options.placement = placement;
  return load_graph(world(), source, options);
}

void check_answers(const DistributedGraph& graph, const std::vector<double>& ranks,
                   const std::vector<GlobalId>& components) {
  const auto found = collect(graph, run_sync(graph, PageRank{.tolerance = 1e-13}).values);
  REQUIRE(found.size() == ranks.size());
  double distance = 0;
  for (std::size_t v = 0; v < ranks.size(); ++v) distance += std::abs(found[v] - ranks[v]);
  CHECK(distance < 1e-9);
  const auto labels = collect(graph, run_sync(graph, Wcc<std::uint32_t>()).values);
  CHECK(std::ranges::equal(labels, components));
}

ExitCode refusal(const PlainGraph& plain, const std::string& placement, std::string& message) {
  try {
    load(plain, false, placement);
  } catch (const Error& error) {
    message = error.what();
    CHECK((error.agreed() || error.code() == ExitCode::usage));
    return error.code();
  }
  return ExitCode::ok;
}

// Written by rank 0, seen by all.
std::string write_parts(const ScratchFolder& folder, const std::string& text) {
  std::string path = (folder / "parts").string();
  std::vector<char> name(path.begin(), path.end());
  world().broadcast(name, 0);
  path.assign(name.begin(), name.end());
  if (world().rank() == 0) std::ofstream(path) << text;
  world().any(false);
  return path;
}

}  // namespace

TEST_CASE("every strategy keeps the graph and the answers") {
  for (const PlainGraph& plain : graphs())
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const auto ranks = oracle.pagerank(0.85, true);
      const auto components = oracle.components();
      for (const PlacementInfo& placement : placements()) {
        CAPTURE(plain.name, undirected, placement.name);
        const DistributedGraph graph = load(plain, undirected, std::string(placement.name));
        check_structure(graph, oracle);
        check_answers(graph, ranks, components);
      }
    }
}

TEST_CASE("the lab's figures are those of the graph that is built, and its bytes those that travel") {
  for (const PlainGraph& plain : {random_graph(300, 3000, 2), random_graph(1000, 1500, 5)})
    for (const bool undirected : {false, true}) {
      MemorySource source(plain, {world().rank(), world().size()});
      const PlacementLab lab(world(), source, undirected);
      for (const PlacementInfo& placement : placements()) {
        CAPTURE(plain.name, undirected, placement.name);
        const DistributedGraph graph = load(plain, undirected, std::string(placement.name));
        if (world().size() == 1) continue;
        const PlacementStudy study = lab.study(placement.name, static_cast<PartId>(world().size()));
        CHECK(study.replication_factor == Approx(graph.quality().replication_factor));
        CHECK(study.edge_balance == Approx(graph.quality().edge_balance));
        CHECK(study.vertex_balance == Approx(graph.quality().vertex_balance));
        CHECK(study.master_balance == Approx(graph.quality().master_balance));
        CHECK(study.ghosts == world().sum<std::uint64_t>(graph.ghosts()));
        check_bytes<double, EdgeDirection::in>(graph, lab, placement.name);
        check_bytes<float, EdgeDirection::out>(graph, lab, placement.name);
        check_bytes<float, EdgeDirection::both>(graph, lab, placement.name);
      }
    }
}

TEST_CASE("a rank of a third of the weight has a third of the edges, and the answers stay") {
  const auto ranks = static_cast<std::size_t>(world().size());
  std::vector<double> weights(ranks, 3);
  weights[0] = 1;
  const PlainGraph plain = random_graph(1000, 12000, 6);
  const Oracle oracle(plain, false);
  for (const PlacementInfo& placement : placements()) {
    CAPTURE(placement.name);
    const DistributedGraph graph = load(plain, false, std::string(placement.name), weights);
    check_structure(graph, oracle);
    const auto arcs = world().all_gather<std::uint64_t>(graph.by_target().arcs());
    const PartShares shares(static_cast<PartId>(ranks), weights);
    CHECK(graph.quality().edge_balance == Approx(balance_of(arcs, shares)));
    if (placement.balance != Balance::none && placement.balance != Balance::mixed)
      CHECK(graph.quality().edge_balance < 1.15);
    // As it would be without weights.
    const std::vector<std::uint64_t> equal(ranks, 1);
    if (ranks > 1) CHECK(balance_of(equal, shares) > 1.7);
  }
  check_answers(load(plain, false, "dbh", weights), oracle.pagerank(0.85, true), oracle.components());
  weights.push_back(1);
  CHECK_THROWS_AS(load(plain, false, "dbh", weights), UsageError);
  CHECK_THROWS_AS(load(plain, false, "dbh", std::vector<double>(ranks, 0)), UsageError);
}

TEST_CASE("neither threads nor a second run change a placement") {
  const PlainGraph plain = random_graph(400, 3000, 8);
  std::vector<PlacementInfo> all(placements().begin(), placements().end());
  all.push_back(find_placement("auto"));
  for (const PlacementInfo& placement : all) {
    CAPTURE(placement.name);
    const auto ids = [&](int threads) {
      parallel::set_threads(threads);
      const DistributedGraph graph = load(plain, false, std::string(placement.name));
      parallel::set_threads(1);
      return std::vector<GlobalId>(graph.global_ids().begin(), graph.global_ids().end());
    };
    const auto first = ids(1);
    CHECK(ids(3) == first);
    CHECK(ids(1) == first);
  }
}

TEST_CASE(
    "ranges are chosen where close ids are neighbours or all are alike, unless one would be too heavy; else hashing") {
  PlainGraph path{"path", {}}, heavy{"heavy path", {}}, star{"star", {}};
  for (ExternalId v = 0; v < 800; ++v) {
    path.edges.push_back({v + 1, v});
    heavy.edges.push_back({v + 1, v});
    heavy.edges.push_back({1, 0});
    star.edges.push_back({v + 1, 0});
  }
  const std::pair<PlainGraph, std::string> expected[] = {{path, "contiguous"},
                                                         {heavy, "dbh"},
                                                         {star, "dbh"},
                                                         {drawn_graph("skewed", 4000, 30000, 4), "dbh"},
                                                         {drawn_graph("even", 3000, 60000, 1), "contiguous"}};
  for (const auto& [plain, strategy] : expected)
    for (const bool undirected : {false, true}) {
      CAPTURE(plain.name, undirected);
      const DistributedGraph chosen = load(plain, undirected, "auto"), named = load(plain, undirected, strategy);
      CHECK(chosen.quality().strategy == (world().size() == 1 ? "none" : strategy));
      CHECK(std::ranges::equal(chosen.global_ids(), named.global_ids()));
      CHECK(chosen.quality().edge_balance == named.quality().edge_balance);
      const Oracle oracle(plain, undirected);
      check_structure(chosen, oracle);
      check_answers(chosen, oracle.pagerank(0.85, true), oracle.components());
    }
  for (const PlainGraph& plain : graphs()) {  // one vertex, self loops, duplicates, wide ids among them
    CAPTURE(plain.name);
    const Oracle oracle(plain, false);
    const DistributedGraph graph = load(plain, false, "auto");
    check_structure(graph, oracle);
    check_answers(graph, oracle.pagerank(0.85, true), oracle.components());
  }
}

TEST_CASE("programs with wide sums get ranges where others get hashing") {
  CHECK(label_propagation_need().wide_sums);
  CHECK_FALSE(adjacency_need<PageRank>().wide_sums);
  const PlainGraph plain = drawn_graph("some hubs", 4000, 30000, 2.5);
  for (const bool wide : {false, true}) {
    MemorySource source(plain, {world().rank(), world().size()});
    LoadOptions options;
    options.undirected = true;
    options.need.wide_sums = wide;
    const DistributedGraph graph = load_graph(world(), source, options);
    CHECK(graph.quality().strategy == (world().size() == 1 ? "none" : wide ? "contiguous" : "dbh"));
    check_structure(graph, Oracle(plain, true));
  }
}

TEST_CASE("searches get ranges dealt in turn where sweeps get one range per rank") {
  CHECK(adjacency_need<Bfs>().waves);
  CHECK(adjacency_need<Sssp>().waves);
  CHECK(betweenness_need().waves);
  CHECK_FALSE(adjacency_need<PageRank>().waves);
  CHECK_FALSE(adjacency_need<Wcc<std::uint32_t>>().waves);
  constexpr ExternalId kLength = 1500, kWidth = 3;
  PlainGraph mesh{"long mesh", {}};
  for (ExternalId v = 0; v < kLength * kWidth; ++v) {
    const double weight = 1 + static_cast<double>(v % 7);
    if (v % kWidth + 1 < kWidth) mesh.edges.push_back({v, v + 1, weight});
    if (v + kWidth < kLength * kWidth) mesh.edges.push_back({v, v + kWidth, weight});
  }
  const Oracle oracle(mesh, true);
  for (const bool waves : {false, true}) {
    MemorySource source(mesh, {world().rank(), world().size()});
    LoadOptions options{.placement = "auto"};
    options.undirected = true;
    options.need.waves = waves;
    const DistributedGraph graph = load_graph(world(), source, options);
    CHECK(graph.quality().strategy == (world().size() == 1 ? "none" : waves ? "block-cyclic" : "contiguous"));
    check_structure(graph, oracle);
    const GlobalId from = kLength * kWidth / 3;
    CHECK(collect(graph, run_sync(graph, Bfs{.source = from}).values) == oracle.bfs(from));
    const auto distances = collect(graph, run_sync(graph, Sssp{.source = from}).values), expected = oracle.sssp(from);
    CHECK(std::ranges::equal(distances, expected, [](double a, double b) { return std::abs(a - b) <= 1e-12 * b; }));
  }
}

TEST_CASE("an automatic choice respects the weights of ranks") {
  PlainGraph path{"path", {}};
  for (ExternalId v = 0; v < 800; ++v) path.edges.push_back({v + 1, v});
  std::vector<double> weights(static_cast<std::size_t>(world().size()), 3);
  weights[0] = 1;
  for (const PlainGraph& plain : {path, random_graph(1000, 12000, 6)}) {
    const DistributedGraph graph = load(plain, false, "auto", weights);
    CAPTURE(plain.name, graph.quality().strategy);
    check_structure(graph, Oracle(plain, false));
    CHECK(graph.quality().edge_balance < 1.15);
  }
}

TEST_CASE("a star's traffic grows with its copies, not with its degree") {
  PlainGraph star{"star", {}};
  for (ExternalId v = 1; v <= 5000; ++v) star.edges.push_back({v, 0});
  const DistributedGraph graph = load(star, false, "dbh");
  CHECK(world().sum<std::uint64_t>(graph.ghosts()) <= static_cast<std::uint64_t>(world().size()));
}

TEST_CASE("parts of vertices and of edges come from files, and damaged files are refused") {
  const ScratchFolder folder;
  const PlainGraph plain = random_graph(50, 200, 3);
  const Oracle oracle(plain, false);
  const auto n = oracle.count();
  const auto index = [&](ExternalId id) { return std::ranges::lower_bound(oracle.ids, id) - oracle.ids.begin(); };
  const auto ranks = static_cast<std::size_t>(world().size());
  std::string by_vertex,
      by_edge = "# gasket parts: vertices " + std::to_string(n) + " parts " + std::to_string(ranks) + "\n";
  for (std::size_t v = 0; v < n; ++v) by_vertex += std::to_string(v % ranks) + "\n";
  for (std::size_t i = 0; i < plain.edges.size(); ++i)
    by_edge += std::to_string(index(plain.edges[i].source)) + " " + std::to_string(index(plain.edges[i].target)) + " " +
               std::to_string(i % ranks) + "\n";
  for (const std::string& text : {by_vertex, by_edge}) {
    const DistributedGraph graph = load(plain, false, "import:" + write_parts(folder, text));
    check_structure(graph, oracle);
    check_answers(graph, oracle.pagerank(0.85, true), oracle.components());
    if (text == by_vertex)
      for (LocalId v = 0; v < graph.masters(); ++v)
        CHECK((ranks == 1 || graph.global_id(v) % ranks == static_cast<std::size_t>(world().rank())));
  }
  if (ranks == 1) return;  // one part needs no file
  std::string message;
  const auto refused = [&](const std::string& text, const std::string& words) {
    CHECK(refusal(plain, "import:" + write_parts(folder, text), message) == ExitCode::bad_input);
    CAPTURE(message);
    CHECK(message.find(words) != std::string::npos);
  };
  refused(by_vertex.substr(0, by_vertex.size() / 2), "too short");
  refused(by_vertex + "0\n", "another graph");
  refused("9\n" + by_vertex, "part 9 is not one of");
  refused("x\n", "expected a number");
  refused("0 1\n", "expected `part`");
  refused(by_edge.substr(0, by_edge.find('\n', by_edge.size() / 2) + 1), "another graph");
  refused("# gasket parts: vertices 3 parts 4\n0 1 0\n", "made for a graph of 3 vertices");
  refused("# gasket parts: vertices " + std::to_string(n) + " parts 99\n0 1 0\n", "made for 99 parts");
  CHECK(refusal(plain, "import:/no/such/file", message) == ExitCode::bad_input);
  CHECK(refusal(plain, "import", message) == ExitCode::usage);
}
