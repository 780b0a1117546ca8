// The chromatic engine against the serial sweep in the order of colours, bit for bit; and its colourings against the greedy
// rule that they promise, at any rank count.
// ctest: TIMEOUT 300

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "apps/bfs.hpp"
#include "apps/demonstrations.hpp"
#include "apps/dynamic_pagerank.hpp"
#include "apps/kcore.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/core_numbers.hpp"
#include "engine/gasket.hpp"
#include "engine/scope/chromatic_engine.hpp"
#include "engine/scope/regather.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/trace_check.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

DistributedGraph load(const PlainGraph& plain, bool undirected, std::string_view placement) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.undirected = undirected;
  options.placement = placement;
  return load_graph(world(), source, options);
}

template <class T>
std::vector<T> collect(const DistributedGraph& graph, const BigArray<T>& values) {
  const ValueSlice<T> slice = slice_by_id(graph, values);
  return world().all_gather_spans(std::span<const T>(slice.values.span()));
}

// Neighbours in either direction, without loops, each once; and edges, in both directions, loops too.
struct Square {
  explicit Square(const Oracle& oracle) : near(oracle.count()), edges(oracle.count(), 0) {
    for (const Oracle::Arc& arc : oracle.arcs) {
      ++edges[arc.source];
      ++edges[arc.target];
      if (arc.source == arc.target) continue;
      near[arc.source].insert(arc.target);
      near[arc.target].insert(arc.source);
    }
  }
  std::set<GlobalId> within(GlobalId v, int distance) const {
    std::set<GlobalId> found = near[v];
    if (distance == 2)
      for (const GlobalId u : near[v]) found.insert(near[u].begin(), near[u].end());
    found.erase(v);
    return found;
  }
  std::vector<std::uint32_t> greedy(int distance) const {
    std::vector<std::pair<std::pair<std::uint64_t, std::uint64_t>, GlobalId>> order;
    for (GlobalId v = 0; v < near.size(); ++v) order.push_back({{distance == 1 ? edges[v] : 0, colouring_hash(v)}, v});
    std::ranges::sort(order, std::greater<>());
    std::vector<std::uint32_t> colours(near.size(), ~0U);
    for (const auto& [key, v] : order) {
      std::set<std::uint32_t> taken;
      for (const GlobalId u : within(v, distance)) taken.insert(colours[u]);
      std::uint32_t colour = 0;
      while (taken.contains(colour)) ++colour;
      colours[v] = colour;
    }
    return colours;
  }
  std::vector<std::set<GlobalId>> near;
  std::vector<std::uint64_t> edges;
};

// The serial sweep by hand, from the plain list of edges, of a few programs.
struct Serial {
  Square square;
  std::vector<GlobalId> order;  // by colour
  Serial(const Oracle& oracle, int distance) : square(oracle) {
    const auto colours = square.greedy(distance);
    for (GlobalId v = 0; v < colours.size(); ++v) order.push_back(v);
    std::ranges::stable_sort(order, {}, [&](GlobalId v) { return colours[v]; });
  }
};

// Each takes the sum of its neighbours' numbers and its own, and a random number, five times; seeds are even.
struct Mixer {
  using Data = std::uint64_t;
  static constexpr Consistency needs = Consistency::edge;
  Data init(const Vertex& v) const { return v.index; }
  bool seed(const Vertex& v) const { return v.index % 2 == 0; }
  template <class S>
  void update(S& scope) const {
    std::uint64_t sum = mix(scope.data());
    for (const auto n : scope.neighbours()) sum += n.data() * (n.out() ? 3 : 5);
    scope.set(sum + scope.random(7));
    if (scope.runs() < 4) scope.signal_neighbours();
  }
};

template <class Body>
void for_many(const Body& body) {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(40, 200, 1));
  graphs.push_back(random_graph(300, 600, 3, std::uint64_t{1} << 40));
  for (const PlainGraph& plain : graphs)
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      for (const PlacementInfo& placement : placements().first(3)) {
        const DistributedGraph graph = load(plain, undirected, placement.name);
        const ScopeGraph scope(graph);
        for (const int threads : {1, 2}) {
          parallel::set_threads(threads);
          CAPTURE(plain.name, undirected, placement.name, threads);
          body(scope, oracle, undirected);
        }
      }
    }
  parallel::set_threads(1);
}

}  // namespace

TEST_CASE("colours are those of the greedy rule") {
  for_many([](const ScopeGraph& graph, const Oracle& oracle, bool) {
    const Square square(oracle);
    for (const int distance : {1, 2}) {
      const Colouring colouring = colour_vertices(graph, distance);
      const auto colours = collect(graph.graph(), colouring.colours);
      REQUIRE(colours == square.greedy(distance));
      for (const std::uint32_t colour : colours) REQUIRE(colour < colouring.count);
    }
  });
}

TEST_CASE("a run is the serial sweep over the colours") {
  for_many([](const ScopeGraph& graph, const Oracle& oracle, bool undirected) {
    const Serial serial(oracle, 1);
    // The rows as an update sees them: direction, neighbour.
    std::vector<std::vector<std::pair<GlobalId, bool>>> rows(oracle.count());
    for (const Oracle::Arc& arc : oracle.arcs) {
      const bool loop = arc.source == arc.target;
      rows[arc.source].push_back({arc.target, true});
      if (!undirected && !loop) rows[arc.target].push_back({arc.source, false});
    }
    std::vector<std::uint64_t> data(oracle.count());
    std::vector<std::uint32_t> runs(oracle.count(), 0);
    std::vector<bool> scheduled(oracle.count());
    for (GlobalId v = 0; v < oracle.count(); ++v) {
      data[v] = v;
      scheduled[v] = v % 2 == 0;
    }
    for (bool any = true; any;) {
      any = false;
      for (const GlobalId v : serial.order) {
        if (!scheduled[v]) continue;
        any = true;
        scheduled[v] = false;
        std::uint64_t sum = mix(data[v]);
        for (const auto& [u, out] : rows[v]) sum += data[u] * (out ? 3 : 5);
        data[v] = sum + mix(mix(mix(std::uint64_t{1} ^ v) + runs[v]) + 7);
        if (runs[v]++ < 4)
          for (const auto& [u, out] : rows[v]) scheduled[u] = true;
      }
    }
    Trace trace;
    ScopeOptions options;
    options.consistency = Consistency::edge;
    const auto result = run_chromatic(graph, Mixer(), options);
    REQUIRE(collect(graph.graph(), result.values) == data);
    REQUIRE(collect(graph.graph(), result.runs) == runs);
    options.trace = &trace;
    REQUIRE(collect(graph.graph(), run_chromatic(graph, Mixer(), options).values) == data);
    REQUIRE(judge_all(world(), trace, Consistency::edge).first == "");
  });
}

TEST_CASE("full consistency conserves tokens") {
  for_many([](const ScopeGraph& graph, const Oracle& oracle, bool) {
    ScopeOptions options;
    options.consistency = Consistency::full;
    Trace trace;
    options.trace = &trace;
    const auto tokens = collect(graph.graph(), run_chromatic(graph, TokenTransfer{.rounds = 3}, options).values);
    std::uint64_t expected = 0, found = 0;
    for (GlobalId v = 0; v < oracle.count(); ++v) {
      expected += v % 7 * 10;
      found += tokens[v];
    }
    REQUIRE(found == expected);
    REQUIRE(judge_all(world(), trace, Consistency::full).first == "");
  });
}

TEST_CASE("edge counters are exact") {
  for_many([](const ScopeGraph& graph, const Oracle&, bool) {
    for (const Consistency level : {Consistency::edge, Consistency::full}) {
      ScopeOptions options;
      options.consistency = level;
      const auto result = run_chromatic(graph, EdgeCounter{.rounds = 3}, options);
      for (LocalId v = 0; v < graph.masters(); ++v)
        for (const ScopeGraph::Link& link : graph.links(v))
          REQUIRE(result.edges[link.edge()] == (link.vertex() == v ? 3 : 6));
      REQUIRE(result.record.updates == 3 * graph.graph().vertices());
    }
  });
}

TEST_CASE("vertex programs come to the same answers colour by colour") {
  for_many([](const ScopeGraph& graph, const Oracle& oracle, bool) {
    ScopeOptions options;
    const auto check = [&](const auto& program, const auto& expected) {
      using P = std::remove_cvref_t<decltype(program)>;
      const auto values = values_of<P>(run_chromatic(graph, Regather<P>{program}, options).values);
      for (LocalId v = 0; v < graph.masters(); ++v) REQUIRE(values[v] == expected[graph.global_id(v)]);
    };
    check(Wcc<std::uint32_t>(), oracle.components());
    const auto cores = run_chromatic(graph, CoreNumbers(), options).values;
    const CoreNumbersResult expected = find_core_numbers(graph.graph());
    for (LocalId v = 0; v < graph.masters(); ++v) REQUIRE(cores[v] == expected.cores[v]);
    if (oracle.count() == 0) return;
    const GlobalId source = oracle.count() / 2;
    DynamicBfs bfs;
    bfs.source = source;
    check(bfs, oracle.bfs(source));
    check(Sssp{.source = source}, oracle.sssp(source));
    DynamicPageRank program;
    program.threshold = DynamicPageRank::threshold_for(1e-9, program.damping, oracle.count());
    const auto cells = run_chromatic(graph, Regather<DynamicPageRank>{program}, options).values;
    const auto ranks = collect(graph.graph(), values_of<DynamicPageRank>(cells));
    const std::vector<double> fixpoint = oracle.pagerank(0.85, true);
    double sum = 0, off = 0;
    for (const double rank : ranks) sum += rank;
    for (std::size_t v = 0; v < ranks.size(); ++v) off += std::abs(ranks[v] / sum - fixpoint[v]);
    CHECK(off < 1e-8);
  });
}

TEST_CASE("two hundred coloured runs are serialisable by their traces") {
  for_seeds(200, [](std::uint64_t seed) {
    const PlainGraph plain = random_graph(24, 70, 1 + seed % 7);
    const DistributedGraph graph = load(plain, mix(seed + 1) % 2 == 0, placements()[mix(seed + 2) % 3].name);
    const ScopeGraph scope(graph);
    parallel::set_threads(1 + static_cast<int>(mix(seed + 3) % 2));
    Trace trace;
    ScopeOptions options;
    options.trace = &trace;
    const bool full = mix(seed + 7) % 2 == 0;
    options.consistency = full ? Consistency::full : Consistency::edge;
    if (full)
      run_chromatic(scope, TokenTransfer{.rounds = 2}, options);
    else
      run_chromatic(scope, EdgeCounter{.rounds = 2}, options);
    const TraceVerdict verdict = judge_all(world(), trace, options.consistency);
    CHECK(verdict.first == "");
    CHECK(verdict.updates == 2 * graph.vertices());
  });
  parallel::set_threads(1);
}

TEST_CASE("colours are refused where they keep nobody apart") {
  const DistributedGraph graph = load(random_graph(10, 20, 1), true, "dbh");
  const ScopeGraph scope(graph);
  ScopeOptions options;
  options.consistency = Consistency::vertex;
  CHECK_THROWS_AS(run_chromatic(scope, EdgeCounter(), options), UsageError);
}
