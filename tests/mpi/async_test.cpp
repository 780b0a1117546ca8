// The asynchronous engine against independent answers: every program with every scheduler, placement and number of threads.
// Its sums that are kept by differences lead where sums taken anew lead, over fewer arcs; its traffic has no centre.
// ctest: TIMEOUT 300

#include <catch2/catch.hpp>
#include <numeric>

#include "apps/bfs.hpp"
#include "apps/dynamic_pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/async/async_engine.hpp"
#include "engine/gasket.hpp"
#include "engine/scope/locking_engine.hpp"
#include "engine/scope/regather.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

constexpr SchedulerKind kSchedulers[] = {SchedulerKind::fifo, SchedulerKind::priority, SchedulerKind::sweep};

DistributedGraph load(const PlainGraph& plain, bool undirected, std::string_view placement) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.undirected = undirected;
  options.placement = placement;
  options.need = {true, true};
  return load_graph(world(), source, options);
}

AsyncOptions options_of(SchedulerKind scheduler) {
  AsyncOptions options;
  options.scheduler = scheduler;
  options.watchdog_seconds = 20;
  return options;
}

// What is right, by global id.
struct Answers {
  explicit Answers(const PlainGraph& plain, bool undirected)
      : oracle(plain, undirected), components(oracle.components()), ranks(oracle.pagerank(0.85, true)) {
    if (oracle.count() == 0) return;
    hops = oracle.bfs(source());
    distances = oracle.sssp(source());
  }
  GlobalId source() const { return oracle.count() / 2; }

  Oracle oracle;
  std::vector<GlobalId> components;
  std::vector<double> ranks;
  std::vector<std::uint32_t> hops;
  std::vector<double> distances;
};

// Calls body(graph, options, answers) for all schedulers and threads with each of the placements.
template <class Body>
void for_all(const PlainGraph& plain, std::span<const std::string_view> names, const Body& body) {
  for (const bool undirected : {false, true}) {
    const Answers answers(plain, undirected);
    for (const std::string_view placement : names) {
      const DistributedGraph graph = load(plain, undirected, placement);
      for (const int threads : {1, 2})
        for (const SchedulerKind scheduler : kSchedulers) {
          parallel::set_threads(threads);
          CAPTURE(plain.name, undirected, placement, threads, static_cast<int>(scheduler));
          body(graph, options_of(scheduler), answers);
        }
    }
  }
  parallel::set_threads(1);
}
template <class Body>
void for_many(const Body& body) {
  constexpr std::string_view kOne[] = {"random"}, kSeveral[] = {"dbh", "random", "contiguous", "grid"};
  for (const PlainGraph& plain : named_graphs()) for_all(plain, kOne, body);
  for_all(random_graph(40, 200, 1), kSeveral, body);
  for_all(random_graph(1000, 4000, 3, std::uint64_t{1} << 40), kSeveral, body);
}

template <class P, class Expected>
void check_run(const DistributedGraph& graph, const P& program, const AsyncOptions& options, const Expected& expected) {
  const AsyncResult<P> result = run_async(graph, program, options);
  for (LocalId v = 0; v < graph.masters(); ++v) REQUIRE(result.values[v] == expected[graph.global_id(v)]);
  REQUIRE(result.record.converged);
}

// The sum of differences to the fixpoint.
double distance(const DistributedGraph& graph, const BigArray<double>& ranks, const std::vector<double>& expected) {
  const double sum = world().all_reduce(std::accumulate(ranks.begin(), ranks.end(), 0.0), std::plus<>());
  double off = 0;
  for (LocalId v = 0; v < graph.masters(); ++v) off += std::abs(ranks[v] / sum - expected[graph.global_id(v)]);
  return world().all_reduce(off, std::plus<>());
}

DynamicPageRank pagerank_within(double tolerance, GlobalId vertices) {
  DynamicPageRank program;
  program.threshold = DynamicPageRank::threshold_for(tolerance, program.damping, vertices);
  return program;
}

}  // namespace

TEST_CASE("searches, components and ranks are right under every scheduler and placement") {
  for_many([](const DistributedGraph& graph, const AsyncOptions& options, const Answers& answers) {
    check_run(graph, Wcc<std::uint32_t>(), options, answers.components);
    DynamicBfs bfs;
    bfs.source = answers.source();
    check_run(graph, bfs, options, answers.hops);
    check_run(graph, Sssp{.source = answers.source()}, options, answers.distances);
    const auto result = run_async(graph, pagerank_within(1e-9, answers.oracle.count()), options);
    CHECK(distance(graph, result.values, answers.ranks) < 1e-8);
  });
}

TEST_CASE("sums kept by differences look at fewer arcs than sums taken anew") {
  if (world().size() > 1) return;  // how often vertices run is then a matter of timing
  parallel::set_threads(1);
  const PlainGraph plain = random_graph(1000, 8000, 5);
  const Oracle oracle(plain, false);
  const DistributedGraph graph = load(plain, false, "dbh");
  const ScopeGraph scope(graph);
  const DynamicPageRank program = pagerank_within(1e-9, oracle.count());
  const auto kept = run_async(graph, program, options_of(SchedulerKind::fifo));
  ScopeOptions options;
  options.consistency = Consistency::vertex;
  const auto anew = run_locking(scope, Regather<DynamicPageRank>{program}, options);
  std::uint64_t gathers = 0;
  for (LocalId v = 0; v < scope.masters(); ++v) gathers += std::uint64_t{anew.runs[v]} * graph.in_degree(v);
  gathers = world().sum(gathers);
  const std::vector<double> expected = oracle.pagerank(0.85, true);
  CHECK(distance(graph, kept.values, expected) < 1e-8);
  CHECK(distance(graph, values_of<DynamicPageRank>(anew.values), expected) < 1e-8);
  CHECK(kept.record.arcs >= graph.arcs());
  CHECK(kept.record.arcs < gathers);
}

namespace {

// A sum with data that no single word holds, told only now and then, over edges of both directions.
struct Wide {
  struct Data {
    double value = 0;
    std::uint64_t runs = 0;
    bool operator==(const Data&) const = default;
  };
  using Ghost = Data;
  struct Accum {
    double sum = 0;
    std::int64_t edges = 0;
    Accum& operator+=(const Accum& other) {
      sum += other.sum;
      edges += other.edges;
      return *this;
    }
    Accum& operator-=(const Accum& other) {
      sum -= other.sum;
      edges -= other.edges;
      return *this;
    }
  };
  static constexpr EdgeDirection gather_edges = EdgeDirection::both;

  Data init(const Vertex& v) const { return {static_cast<double>(v.index % 3), 0}; }
  Ghost ghost(const Vertex&, const Data& data) const { return data; }
  Accum gather(const Edge<Ghost>& e) const { return {e.from.ghost.value, 1}; }
  Data apply(const Vertex& v, const Data& data, const Accum& in) const {
    const double mean = in.edges > 0 ? in.sum / static_cast<double>(in.edges) : 0;
    return {static_cast<double>(v.index % 3) + mean / 2, data.runs + 1};
  }
  bool changed(const Data& before, const Data& after) const { return std::abs(before.value - after.value) > 1e-12; }
};

}  // namespace

TEST_CASE("values of several words are neither torn nor lost") {
  const PlainGraph plain = random_graph(200, 700, 9);
  constexpr std::string_view kPlacements[] = {"random", "dbh"};
  for_all(plain, kPlacements, [](const DistributedGraph& graph, const AsyncOptions& options, const Answers& answers) {
    const Oracle& oracle = answers.oracle;
    std::vector<double> values(oracle.count(), 0), next(oracle.count());
    for (int i = 0; i < 100; ++i) {
      std::vector<double> sums(oracle.count(), 0), edges(oracle.count(), 0);
      const auto give = [&](std::size_t from, std::size_t to) {
        sums[to] += values[from];
        edges[to] += 1;
      };
      for (const Oracle::Arc& arc : oracle.arcs) {
        give(arc.source, arc.target);
        // An undirected edge is two arcs already, a self loop one.
        if (graph.directed()) give(arc.target, arc.source);
      }
      for (std::size_t v = 0; v < values.size(); ++v)
        next[v] = static_cast<double>(v % 3) + (edges[v] > 0 ? sums[v] / edges[v] / 2 : 0);
      values.swap(next);
    }
    const auto result = run_async(graph, Wide(), options);
    for (LocalId v = 0; v < graph.masters(); ++v)
      REQUIRE(result.values[v].value == Approx(values[graph.global_id(v)]).margin(1e-9));
  });
}

TEST_CASE("on a path components take a few updates per vertex, supersteps one per vertex and step") {
  PlainGraph path{"path", {}};
  for (ExternalId v = 0; v < 3000; ++v) path.edges.push_back({v, v + 1});
  const DistributedGraph graph = load(path, true, "contiguous");
  const auto sync = run_sync(graph, Wcc<std::uint32_t>());
  const auto async = run_async(graph, Wcc<std::uint32_t>(), options_of(SchedulerKind::sweep));
  for (LocalId v = 0; v < graph.masters(); ++v) REQUIRE(async.values[v] == 0);
  CHECK(async.record.updates * 10 < sync.record.updates);
}

TEST_CASE("no rank is the centre of the traffic") {
  const DistributedGraph graph = load(random_graph(4000, 40000, 7), true, "random");
  const auto result = run_async(graph, pagerank_within(1e-9, graph.vertices()), options_of(SchedulerKind::fifo));
  REQUIRE(result.record.ranks.size() == static_cast<std::size_t>(world().size()));
  double all = 0, first = 0;
  for (std::size_t from = 0; from < result.record.ranks.size(); ++from) {
    const auto& to = result.record.ranks[from].bytes_to;
    REQUIRE(to.size() == result.record.ranks.size());
    CHECK(to[from] == 0);
    for (std::size_t r = 0; r < to.size(); ++r) {
      all += static_cast<double>(to[r]);
      if (from == 0 || r == 0) first += static_cast<double>(to[r]) / 2;
    }
  }
  if (world().size() == 1) {
    CHECK(all == 0);
  } else {
    // Half of what it sends and half of what it is sent: 1/p where all are alike. How often the ranks tell each other is up
    // to the system's scheduling, so not to the last percent.
    const double share = first / all * world().size();
    CHECK(share > 0.5);
    CHECK(share < 1.7);
  }
}

TEST_CASE("a limit of updates ends an asynchronous run") {
  const DistributedGraph graph = load(random_graph(1000, 8000, 5), true, "dbh");
  AsyncOptions options = options_of(SchedulerKind::fifo);
  options.max_updates = 1;
  options.interval = std::chrono::microseconds(100);
  DynamicPageRank program;  // a threshold of 0: until rounding ends it
  const auto result = run_async(graph, program, options);
  CHECK_FALSE(result.record.converged);
  CHECK(result.record.updates >= 1);
}
