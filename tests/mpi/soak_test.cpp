// Many runs of the locking and asynchronous engines one after the other on 4 ranks, with other graphs, levels, schedulers
// and pipelines each time: no deadlock, no lost update. 20 seconds; mpi.soak.long (ctest -C slow) is the same for five
// minutes.
// ctest: RANKS 4 TIMEOUT 120

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>

#include "apps/demonstrations.hpp"
#include "apps/wcc.hpp"
#include "engine/async/async_engine.hpp"
#include "engine/gasket.hpp"
#include "engine/scope/locking_engine.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

double soak_seconds() {
  const char* const text = std::getenv("GASKET_SOAK_SECONDS");
  return text != nullptr ? std::atof(text) : 20;
}

void run_once(std::uint64_t round) {
  const PlainGraph plain = random_graph(20 + round % 7 * 150, 100 + round % 5 * 700, round);
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions load;
  load.undirected = round % 2 == 0;
  load.placement = placements()[round % 3].name;
  const DistributedGraph graph = load_graph(world(), source, load);
  const ScopeGraph scope(graph);
  parallel::set_threads(1 + static_cast<int>(round / 2 % 2));
  ScopeOptions options;
  options.pipeline = std::size_t{1} << round % 11;
  options.lock_shift = static_cast<int>(round % 4);
  options.watchdog_seconds = 30;
  CAPTURE(round, options.pipeline, options.lock_shift);
  options.consistency = round % 3 == 0 ? Consistency::full : Consistency::edge;
  options.scheduler = static_cast<SchedulerKind>(mix(round) % 3);
  const auto result = run_locking(scope, EdgeCounter{.rounds = 3}, options);
  for (LocalId v = 0; v < scope.masters(); ++v)
    for (const ScopeGraph::Link& link : scope.links(v))
      REQUIRE(result.edges[link.edge()] == (link.vertex() == v ? 3 : 6));
  const auto labels = run_async(graph, Wcc<std::uint32_t>(), options);
  const auto expected = run_sync(graph, Wcc<std::uint32_t>());
  for (LocalId v = 0; v < graph.masters(); ++v) REQUIRE(labels.values[v] == expected.values[v]);
}

}  // namespace

TEST_CASE("engines without supersteps run for long without a deadlock") {
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t round = 0;
  do {
    run_once(round++);
  } while (!world().any(std::chrono::steady_clock::now() - start > std::chrono::duration<double>(soak_seconds())));
  parallel::set_threads(1);
  CHECK(round > 1);
}
