// Belief propagation against the exact marginals of all labellings on trees and small grids, and against a slow sequential
// propagation to the same fixpoint, on both engines, under every scheduler, several placements, on 1 and 2 threads.
// ctest: TIMEOUT 300

#include "apps/belief_propagation.hpp"

#include <catch2/catch.hpp>

#include "engine/gasket.hpp"
#include "engine/scope/run_update.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/small_field.hpp"
#include "tests/support/trace_check.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

using Program = BeliefPropagation<SmallField>;
using Marginals = std::vector<std::array<double, 3>>;

DistributedGraph load(const PlainGraph& plain, bool undirected, std::string_view placement) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.undirected = undirected;
  options.placement = placement;
  return load_graph(world(), source, options);
}

// The beliefs of all vertices by index.
std::vector<SmallField::Labels> run(const ScopeGraph& graph, const Program& program, ScopeEngine engine,
                                    const ScopeOptions& options) {
  const auto result = run_update(graph, program, engine, options);
  REQUIRE(result.record.converged);
  const auto slice = slice_by_id(graph.graph(), beliefs_of(graph, program, result.edges));
  return world().all_gather_spans(std::span<const SmallField::Labels>(slice.values.span()));
}

double distance(const std::vector<SmallField::Labels>& beliefs, const Marginals& expected) {
  REQUIRE(beliefs.size() == expected.size());
  double most = 0;
  for (std::size_t v = 0; v < beliefs.size(); ++v) {
    REQUIRE(beliefs[v][3] == 0);
    for (std::size_t x = 0; x < 3; ++x) most = std::max(most, std::abs(beliefs[v][x] - expected[v][x]));
  }
  return most;
}

// Calls body(beliefs) for many ways to run the program on the graph.
template <class Body>
void for_many_ways(const PlainGraph& plain, bool undirected, const Program& program, const Body& body) {
  for (const PlacementInfo& placement : placements().first(3)) {
    const DistributedGraph graph = load(plain, undirected, placement.name);
    const ScopeGraph scope(graph);
    for (const int threads : {1, 2}) {
      parallel::set_threads(threads);
      ScopeOptions options;
      options.watchdog_seconds = 20;
      CAPTURE(plain.name, undirected, placement.name, threads);
      for (const Consistency level : {Consistency::edge, Consistency::full}) {
        options.consistency = level;
        body(run(scope, program, ScopeEngine::chromatic, options));
      }
      options.consistency = Consistency::edge;
      for (const SchedulerKind kind : {SchedulerKind::fifo, SchedulerKind::priority, SchedulerKind::sweep}) {
        options.scheduler = kind;
        options.pipeline = kind == SchedulerKind::fifo ? 1000 : 3;
        body(run(scope, program, ScopeEngine::locking, options));
      }
    }
  }
  parallel::set_threads(1);
}

}  // namespace

TEST_CASE("beliefs are exact on trees") {
  std::vector<PlainGraph> trees = {{"one edge", {{0, 1, 2}}}, random_tree(9, 5), random_tree(9, 6)};
  trees.push_back({"two trees and a vertex alone", {{1, 0, 3}, {3, 2, 1}, {3, 4, 2}, {4, 4, 9}}, {0, 1, 2, 3, 4, 5}});
  for (const PlainGraph& plain : trees)
    for (const bool undirected : {false, true}) {
      const SmallField field{.coupling = 0.5, .directed = !undirected};
      const std::size_t n = Oracle(plain, undirected).count();
      const Marginals exact = exact_marginals(field, n, field_edges(plain));
      for_many_ways(plain, undirected, Program{&field, 1e-12},
                    [&](const auto& beliefs) { REQUIRE(distance(beliefs, exact) < 1e-9); });
    }
}

TEST_CASE("beliefs are near on a small grid, and those of the slow propagation") {
  const PlainGraph plain = small_grid(3, 3);
  const SmallField field{.coupling = 0.25};
  const Marginals exact = exact_marginals(field, 9, field_edges(plain));
  const Marginals slow = slow_beliefs(field, 9, field_edges(plain));
  for_many_ways(plain, false, Program{&field, 1e-10}, [&](const auto& beliefs) {
    CHECK(distance(beliefs, exact) < 0.01);
    CHECK(distance(beliefs, slow) < 1e-8);
  });
  // Damped messages go the same way, slower.
  for_many_ways(plain, false, Program{&field, 1e-10, 0.3},
                [&](const auto& beliefs) { CHECK(distance(beliefs, slow) < 1e-8); });
}

TEST_CASE("all orders come to the fixpoint of the slow propagation") {
  // Parallel edges, self loops and hubs too.
  const PlainGraph plain = random_graph(60, 150, 4);
  const SmallField field{.coupling = 0.03};
  const Oracle oracle(plain, false);
  std::vector<FieldEdge> edges;
  for (const Oracle::Arc& arc : oracle.arcs)
    if (arc.source != arc.target) edges.push_back({arc.source, arc.target, arc.weight});
  const Marginals slow = slow_beliefs(field, oracle.count(), edges);
  for_many_ways(plain, false, Program{&field, 1e-10},
                [&](const auto& beliefs) { CHECK(distance(beliefs, slow) < 1e-8); });
}

TEST_CASE("colour by colour beliefs have the same bits for any placement and threads") {
  const PlainGraph plain = small_grid(12, 9);
  const SmallField field{.coupling = 0.3};
  std::vector<SmallField::Labels> first;
  for (const PlacementInfo& placement : placements().first(3)) {
    const DistributedGraph graph = load(plain, false, placement.name);
    const ScopeGraph scope(graph);
    for (const int threads : {1, 2}) {
      parallel::set_threads(threads);
      const auto beliefs = run(scope, Program{&field, 1e-5}, ScopeEngine::chromatic, {});
      if (first.empty()) first = beliefs;
      CHECK(beliefs == first);
    }
  }
  parallel::set_threads(1);
}

TEST_CASE("a tolerance is kept at every message") {
  const PlainGraph plain = small_grid(8, 8);
  const SmallField field{.coupling = 0.3};
  const DistributedGraph graph = load(plain, false, "dbh");
  const ScopeGraph scope(graph);
  ScopeOptions options;
  options.scheduler = SchedulerKind::priority;
  options.watchdog_seconds = 20;
  const double tolerance = 0.01;
  const auto result = run_update(scope, Program{&field, tolerance}, ScopeEngine::locking, options);
  // What each end would say now, against what it has said.
  const VertexViews views(graph);
  double most = 0;
  for (LocalId v = 0; v < scope.masters(); ++v)
    for (const ScopeGraph::Link& link : scope.links(v)) {
      SmallField::Labels others{};
      field.own(views(v), others);
      const auto mine = [&](const ScopeGraph::Link& l) { return scope.global_id(l.vertex()) > scope.global_id(v); };
      for (const ScopeGraph::Link& other : scope.links(v)) {
        if (other.edge() == link.edge()) continue;
        const auto& edge = result.edges[other.edge()];
        others = product(others, mine(other) ? edge.to_lower : edge.to_higher, field.labels());
      }
      SmallField::Labels message{};
      field.pass(link.out(), scope.weight(link.edge()), others, message);
      normalise(message, field.labels());
      const auto& edge = result.edges[link.edge()];
      most = std::max(most, residual_between(message, mine(link) ? edge.to_higher : edge.to_lower));
    }
  CHECK(most <= tolerance + 1e-12);
}

TEST_CASE("the most changed first needs fewer updates than first come first served") {
  const PlainGraph plain = small_grid(40, 40);
  const SmallField field{.coupling = 0.3};
  const DistributedGraph graph = load(plain, false, "contiguous");
  const ScopeGraph scope(graph);
  ScopeOptions options;
  options.pipeline = 1;
  const auto updates = [&](SchedulerKind kind) {
    options.scheduler = kind;
    return static_cast<double>(run_update(scope, Program{&field, 1e-6}, ScopeEngine::locking, options).record.updates);
  };
  // About 0.7 for all strengths of the coupling; some ranks' messages more or less late do not change that much.
  const double fifo = updates(SchedulerKind::fifo), priority = updates(SchedulerKind::priority);
  CHECK(priority < 0.85 * fifo);
}

TEST_CASE("runs are serialisable by their traces, and a weaker level is refused") {
  const PlainGraph plain = small_grid(10, 10);
  const SmallField field{.coupling = 0.3};
  const Program program{&field, 1e-5};
  const DistributedGraph graph = load(plain, false, "random");
  const ScopeGraph scope(graph);
  parallel::set_threads(2);
  for (const ScopeEngine engine : {ScopeEngine::locking, ScopeEngine::chromatic}) {
    Trace trace;
    ScopeOptions options;
    options.scheduler = SchedulerKind::priority;
    options.trace = &trace;
    const auto result = run_update(scope, program, engine, options);
    const TraceVerdict verdict = judge_all(world(), trace, Consistency::edge);
    CHECK(verdict.first == "");
    CHECK(verdict.updates == result.record.updates);
  }
  ScopeOptions weak;
  weak.consistency = Consistency::vertex;
  CHECK_THROWS_AS(run_update(scope, program, ScopeEngine::locking, weak), UsageError);
  parallel::set_threads(1);
}

TEST_CASE("messages that contradict each other are no reason to count with nothing") {
  std::array<double, 3> none{};
  normalise(none, 2);
  CHECK(none == std::array<double, 3>{0.5, 0.5, 0});
  CHECK(residual_priority(1) == 0);
  CHECK(residual_priority(0.5) == 4);
  CHECK(residual_priority(0) > residual_priority(1e-12));
}
