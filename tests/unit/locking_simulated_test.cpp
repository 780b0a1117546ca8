// The locking engine over the simulated network: whatever order messages arrive in, runs are serialisable by their traces,
// lose no update, and end.

#include <catch2/catch.hpp>

#include "apps/demonstrations.hpp"
#include "engine/scope/locking_engine.hpp"
#include "partition/comm/simulated_network.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/trace_check.hpp"

using namespace gasket;

namespace {

// Catch's macros are not for several threads: a failed check leaves the virtual rank as an exception.
void check(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

ScopeOptions options_of(std::uint64_t seed) {
  constexpr SchedulerKind kinds[] = {SchedulerKind::fifo, SchedulerKind::priority, SchedulerKind::sweep};
  ScopeOptions options;
  options.scheduler = kinds[seed % 3];
  options.pipeline = std::size_t{1} << seed % 4 * 2;
  options.lock_shift = seed % 5 == 0 ? 2 : 0;
  options.seed = seed;
  return options;
}

DistributedGraph load(Communicator& comm, const PlainGraph& plain, std::uint64_t seed) {
  constexpr std::string_view kPlacements[] = {"dbh", "random", "contiguous"};
  MemorySource source(plain, {comm.rank(), comm.size()});
  LoadOptions options;
  options.undirected = seed % 2 == 0;
  options.placement = kPlacements[seed / 2 % 3];
  return load_graph(comm, source, options);
}

int ranks_of(std::uint64_t seed) { return 1 + static_cast<int>(mix(seed) % 5); }

SimulatedNetwork network_of(std::uint64_t seed) {
  return SimulatedNetwork({.ranks = ranks_of(seed),
                           .seed = seed,
                           .longest_delay = static_cast<std::uint32_t>(seed % 12),
                           .piece_limit = Communicator::kPieceLimit});
}

TraceVerdict traced_run(std::uint64_t seed, LockFaults faults) {
  const PlainGraph plain = random_graph(24, 70, 1 + seed % 7);
  TraceVerdict verdict;
  network_of(seed).run([&](Communicator& comm) {
    const DistributedGraph graph = load(comm, plain, seed);
    const ScopeGraph scope(graph);
    Trace trace;
    ScopeOptions options = options_of(seed);
    options.trace = &trace;
    options.faults = faults;
    const bool full = seed / 3 % 2 == 0;
    options.consistency = full ? Consistency::full : Consistency::edge;
    const std::uint64_t updates = full ? run_locking(scope, TokenTransfer{.rounds = 3}, options).record.updates
                                       : run_locking(scope, EdgeCounter{.rounds = 3}, options).record.updates;
    check(updates == 3 * scope.graph().vertices(), "every vertex runs as often as it was scheduled");
    const TraceVerdict all = judge_all(comm, trace, options.consistency);
    if (comm.rank() == 0) verdict = all;
  });
  return verdict;
}

}  // namespace

TEST_CASE("locked runs are serialisable whenever messages arrive") {
  parallel::set_threads(1);
  for_seeds(300, [](std::uint64_t seed) {
    TraceVerdict verdict;
    REQUIRE_NOTHROW(verdict = traced_run(seed, {}));
    REQUIRE(verdict.first == "");
    REQUIRE(verdict.updates > 0);
  });
}

TEST_CASE("without some locks the judge finds most runs wrong") {
  parallel::set_threads(1);
  int wrong = 0, runs = 0;
  for (std::uint64_t seed = 0; runs < 40; ++seed) {
    if (ranks_of(seed) == 1) continue;  // one rank with one thread runs one update at a time
    ++runs;
    wrong += traced_run(seed, {.skip_one_in = 2}).serialisable() ? 0 : 1;
  }
  CHECK(wrong >= 20);
}

TEST_CASE("counters and tokens are exact whenever messages arrive") {
  parallel::set_threads(1);
  const PlainGraph plain = random_graph(30, 90, 2);
  for_seeds(100, [&](std::uint64_t seed) {
    REQUIRE_NOTHROW(network_of(seed).run([&](Communicator& comm) {
      const DistributedGraph graph = load(comm, plain, seed);
      const ScopeGraph scope(graph);
      ScopeOptions options = options_of(seed);
      options.consistency = Consistency::edge;
      const auto counted = run_locking(scope, EdgeCounter{.rounds = 3}, options);
      for (LocalId v = 0; v < scope.masters(); ++v)
        for (const ScopeGraph::Link& link : scope.links(v))
          check(counted.edges[link.edge()] == (link.vertex() == v ? 3 : 6), "an edge's counter");
      options.consistency = Consistency::full;
      const auto moved = run_locking(scope, TokenTransfer{.rounds = 3}, options);
      std::uint64_t before = 0, after = 0;
      for (LocalId v = 0; v < scope.masters(); ++v) {
        before += scope.global_id(v) % 7 * 10;
        after += moved.values[v];
      }
      check(comm.sum(before) == comm.sum(after), "the sum of tokens");
    }));
  });
}
