// The locking engine against what each level promises, and against the serial answers: on named and random graphs, under
// every placement, scheduler and pipeline, on 1 and 2 threads. Traces of whole runs are judged serialisable; with locks left
// out, or under a weaker level, the same judge finds what is wrong.
// ctest: TIMEOUT 900

#include <bit>
#include <catch2/catch.hpp>
#include <numeric>

#include "apps/bfs.hpp"
#include "apps/demonstrations.hpp"
#include "apps/dynamic_pagerank.hpp"
#include "apps/kcore.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/core_numbers.hpp"
#include "engine/gasket.hpp"
#include "engine/scope/locking_engine.hpp"
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

std::vector<PlainGraph> some_graphs() {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(40, 200, 1));
  graphs.push_back(random_graph(1000, 4000, 3, std::uint64_t{1} << 40));
  return graphs;
}

PlainGraph star(GlobalId leaves) {
  PlainGraph graph{"star", {}};
  for (GlobalId v = 1; v <= leaves; ++v) graph.edges.push_back({0, v});
  return graph;
}

constexpr SchedulerKind kSchedulers[] = {SchedulerKind::fifo, SchedulerKind::priority, SchedulerKind::sweep};

// Calls body(scope graph, options, oracle) with every scheduler and number of threads; random graphs under several
// placements. How long the pipeline is and how many vertices share a lock depends on neither.
template <class Body>
void for_many(const std::vector<PlainGraph>& graphs, const Body& body) {
  std::uint64_t turn = 0;
  for (const PlainGraph& plain : graphs)
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const std::size_t several = plain.edges.size() >= 200 ? 3 : 1;
      for (std::size_t p = 0; p < several; ++p) {
        const std::string_view placement = placements()[(mix(turn) + p) % 3].name;
        const DistributedGraph graph = load(plain, undirected, placement);
        const ScopeGraph scope(graph);
        for (const int threads : {1, 2})
          for (const SchedulerKind scheduler : kSchedulers) {
            parallel::set_threads(threads);
            ScopeOptions options;
            options.scheduler = scheduler;
            options.pipeline = std::size_t{1} << mix(turn) % 6 * 2;
            options.lock_shift = mix(turn + 1000) % 2 == 0 ? 0 : 3;
            options.watchdog_seconds = 20;
            ++turn;
            CAPTURE(plain.name, undirected, placement, threads, options.pipeline, options.lock_shift,
                    static_cast<int>(options.scheduler));
            body(scope, options, oracle);
          }
      }
    }
  parallel::set_threads(1);
}

// Of all edges, how much their counters are off.
std::uint64_t counters_off(const ScopeGraph& graph, const ScopeResult<EdgeCounter>& result, std::uint32_t rounds) {
  std::uint64_t off = 0;
  for (LocalId v = 0; v < graph.masters(); ++v)
    for (const ScopeGraph::Link& link : graph.links(v)) {
      const std::uint32_t expected = link.vertex() == v ? rounds : 2 * rounds;
      off += result.edges[link.edge()] == expected ? 0 : 1;
    }
  return world().sum(off);
}

std::uint64_t sum_of(const BigArray<std::uint64_t>& values) {
  return world().sum(std::accumulate(values.begin(), values.end(), std::uint64_t{0}));
}

std::uint64_t all_tokens(const ScopeGraph& graph) {
  std::uint64_t tokens = 0;
  for (LocalId v = 0; v < graph.masters(); ++v) tokens += graph.global_id(v) % 7 * 10;
  return world().sum(tokens);
}

}  // namespace

TEST_CASE("edge consistency loses no update of an edge") {
  for_many(some_graphs(), [](const ScopeGraph& graph, ScopeOptions options, const Oracle&) {
    options.consistency = Consistency::edge;
    const auto result = run_locking(graph, EdgeCounter{.rounds = 4}, options);
    CHECK(counters_off(graph, result, 4) == 0);
    CHECK(result.record.updates == 4 * graph.graph().vertices());
    CHECK(result.record.converged);
    for (const std::uint32_t value : result.values) REQUIRE(value == 4);
  });
}

TEST_CASE("full consistency conserves what neighbours give each other") {
  for_many(some_graphs(), [](const ScopeGraph& graph, ScopeOptions options, const Oracle&) {
    options.consistency = Consistency::full;
    const auto result = run_locking(graph, TokenTransfer{.rounds = 4}, options);
    CHECK(sum_of(result.values) == all_tokens(graph));
  });
}

TEST_CASE("a vertex that sees its neighbours at rest colours itself well") {
  for_many(some_graphs(), [](const ScopeGraph& graph, ScopeOptions options, const Oracle& oracle) {
    for (const Consistency level : {Consistency::edge, Consistency::full}) {
      options.consistency = level;
      const auto result = run_locking(graph, GreedyColour(), options);
      const ValueSlice<std::uint32_t> slice = slice_by_id(graph.graph(), result.values);
      const auto colours = world().all_gather_spans(std::span<const std::uint32_t>(slice.values.span()));
      // Each vertex ran once, the last of two neighbours after the other.
      for (const Oracle::Arc& arc : oracle.arcs)
        if (arc.source != arc.target) REQUIRE(colours[arc.source] != colours[arc.target]);
    }
  });
}

TEST_CASE("runs are serialisable by their traces") {
  for_many({random_graph(40, 200, 1), random_graph(300, 900, 5), star(60)},
           [](const ScopeGraph& graph, ScopeOptions options, const Oracle&) {
             for (const Consistency level : {Consistency::edge, Consistency::full}) {
               Trace trace;
               options.consistency = level;
               options.trace = &trace;
               run_locking(graph, TokenTransfer{.rounds = 3, .slow = true}, options);
               if (level == Consistency::edge) continue;  // it writes neighbours, which edge consistency does not cover
               const TraceVerdict verdict = judge_all(world(), trace, level);
               CHECK(verdict.first == "");
               CHECK(verdict.updates == 3 * graph.graph().vertices());
             }
             Trace trace;
             options.consistency = Consistency::edge;
             options.trace = &trace;
             run_locking(graph, EdgeCounter{.rounds = 3, .slow = true}, options);
             const TraceVerdict verdict = judge_all(world(), trace, Consistency::edge);
             CHECK(verdict.first == "");
             CHECK(verdict.updates == 3 * graph.graph().vertices());
           });
}

TEST_CASE("two hundred runs are serialisable by their traces") {
  for_seeds(200, [](std::uint64_t seed) {
    const PlainGraph plain = random_graph(24, 70, 1 + seed % 7);
    const DistributedGraph graph = load(plain, mix(seed + 1) % 2 == 0, placements()[mix(seed + 2) % 3].name);
    const ScopeGraph scope(graph);
    parallel::set_threads(1 + static_cast<int>(mix(seed + 3) % 2));
    Trace trace;
    ScopeOptions options;
    options.scheduler = kSchedulers[mix(seed + 4) % 3];
    options.pipeline = std::size_t{1} << mix(seed + 5) % 4 * 2;
    options.lock_shift = mix(seed + 6) % 4 == 0 ? 2 : 0;
    options.watchdog_seconds = 20;
    options.trace = &trace;
    const bool full = mix(seed + 7) % 2 == 0;
    options.consistency = full ? Consistency::full : Consistency::edge;
    if (full)
      run_locking(scope, TokenTransfer{.rounds = 2}, options);
    else
      run_locking(scope, EdgeCounter{.rounds = 2}, options);
    const TraceVerdict verdict = judge_all(world(), trace, options.consistency);
    CHECK(verdict.first == "");
    CHECK(verdict.updates == 2 * graph.vertices());
  });
  parallel::set_threads(1);
}

TEST_CASE("the judge finds what is wrong when locks are left out or the level is weaker") {
  const DistributedGraph graph = load(random_graph(60, 600, 1), true, "random");
  const ScopeGraph scope(graph);
  parallel::set_threads(2);
  for (const bool weak : {false, true}) {
    CAPTURE(weak);
    bool found = false;
    // Two threads on a busy machine seldom run at once, so this may take many attempts.
    for (int attempt = 0; attempt < 500 && !found; ++attempt) {
      Trace trace;
      ScopeOptions options;
      options.trace = &trace;
      options.consistency = weak ? Consistency::vertex : Consistency::edge;
      if (!weak) options.faults.skip_one_in = 2;
      run_locking(scope, EdgeCounter{.rounds = 20, .slow = true}, options);
      found = !judge_all(world(), trace, Consistency::edge).serialisable();
    }
    CHECK(found);
  }
  parallel::set_threads(1);
}

TEST_CASE("updates are lost under a level that does not promise them") {
  if (world().size() == 1) parallel::set_threads(2);
  const DistributedGraph graph = load(random_graph(60, 600, 1), true, "random");
  const ScopeGraph scope(graph);
  bool edges_lost = false, tokens_lost = false;
  for (int attempt = 0; attempt < 20 && !(edges_lost && tokens_lost); ++attempt) {
    ScopeOptions options;
    options.consistency = Consistency::vertex;
    edges_lost =
        edges_lost || counters_off(scope, run_locking(scope, EdgeCounter{.rounds = 50, .slow = true}, options), 50) > 0;
    options.consistency = Consistency::edge;
    const auto tokens = run_locking(scope, TokenTransfer{.rounds = 50, .slow = true}, options);
    tokens_lost = tokens_lost || sum_of(tokens.values) != all_tokens(scope);
  }
  CHECK(edges_lost);
  CHECK(tokens_lost);
  parallel::set_threads(1);
}

TEST_CASE("locks that are taken in no common order are reported with the circle") {
  if (world().size() == 1) return;  // one rank has its locks in one order
  const DistributedGraph graph = load(random_graph(60, 600, 1), true, "random");
  const ScopeGraph scope(graph);
  ScopeOptions options;
  options.faults.reverse = true;
  options.watchdog_seconds = 3;
  std::string message;
  for (int attempt = 0; attempt < 20 && message.empty(); ++attempt) try {
      run_locking(scope, EdgeCounter{.rounds = 20, .slow = true}, options);
    } catch (const Error& error) {
      if (!error.agreed()) throw;  // the other ranks do not know of it
      message = error.what();
      CHECK(error.code() == ExitCode::lost_peer);
    }
  CHECK_THAT(message, Catch::Contains("in a circle: vertex") && Catch::Contains("rank 0:"));
}

TEST_CASE("vertex programs run over scopes as they do in supersteps") {
  for_many(some_graphs(), [](const ScopeGraph& graph, ScopeOptions options, const Oracle& oracle) {
    const auto check = [&](const auto& program, const auto& expected) {
      using P = std::remove_cvref_t<decltype(program)>;
      for (const Consistency level : {Consistency::vertex, Consistency::edge}) {
        options.consistency = level;
        const auto values = values_of<P>(run_locking(graph, Regather<P>{program}, options).values);
        for (LocalId v = 0; v < graph.masters(); ++v) REQUIRE(values[v] == expected[graph.global_id(v)]);
      }
    };
    check(Wcc<std::uint32_t>(), oracle.components());
    if (oracle.count() == 0) return;
    const GlobalId source = oracle.count() / 2;
    check(Sssp{.source = source}, oracle.sssp(source));
    DynamicBfs bfs;
    bfs.source = source;
    check(bfs, oracle.bfs(source));
  });
}

TEST_CASE("ranks that change no more are the fixpoint") {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(40, 200, 1));
  graphs.push_back(random_graph(200, 600, 3));
  for_many(graphs, [](const ScopeGraph& graph, ScopeOptions options, const Oracle& oracle) {
    const std::vector<double> expected = oracle.pagerank(0.85, true);
    DynamicPageRank program;
    program.threshold = DynamicPageRank::threshold_for(1e-8, program.damping, oracle.count());
    // Every level with every scheduler, placement and number of threads, but not with all of them at once.
    options.consistency = std::countr_zero(options.pipeline) % 4 == 0 ? Consistency::edge : Consistency::vertex;
    const auto ranks =
        values_of<DynamicPageRank>(run_locking(graph, Regather<DynamicPageRank>{program}, options).values);
    const double sum = world().all_reduce(std::accumulate(ranks.begin(), ranks.end(), 0.0), std::plus<>());
    double off = 0;
    for (LocalId v = 0; v < graph.masters(); ++v) off += std::abs(ranks[v] / sum - expected[graph.global_id(v)]);
    CHECK(world().all_reduce(off, std::plus<>()) < 1e-8);
  });
}

TEST_CASE("core numbers fall to the fixpoint in any order") {
  for_many(some_graphs(), [](const ScopeGraph& graph, ScopeOptions options, const Oracle&) {
    const CoreNumbersResult expected = find_core_numbers(graph.graph());
    for (const Consistency level : {Consistency::vertex, Consistency::edge, Consistency::full}) {
      options.consistency = level;
      const auto result = run_locking(graph, CoreNumbers(), options);
      for (LocalId v = 0; v < graph.masters(); ++v) REQUIRE(result.values[v] == expected.cores[v]);
    }
  });
}

TEST_CASE("a level that is too weak is refused") {
  const DistributedGraph graph = load(random_graph(10, 20, 1), true, "dbh");
  const ScopeGraph scope(graph);
  ScopeOptions options;
  options.consistency = Consistency::vertex;
  CHECK_THROWS_WITH(run_locking(scope, GreedyColour(), options),
                    "--consistency vertex: the program is right only under edge consistency or a stronger one");
}

TEST_CASE("a limit of updates ends a run that would go on") {
  const DistributedGraph graph = load(random_graph(100, 400, 1), true, "dbh");
  const ScopeGraph scope(graph);
  ScopeOptions options;
  options.max_updates = 5000;
  options.interval = std::chrono::microseconds(1000);
  const auto result = run_locking(scope, EdgeCounter{.rounds = ~std::uint32_t{0}}, options);
  CHECK_FALSE(result.record.converged);
  CHECK(result.record.updates >= 5000);
  std::uint64_t counted = 0;
  for (const AsyncRecord::Rank& rank : result.record.ranks) counted += rank.updates;
  CHECK(counted == result.record.updates);
}
