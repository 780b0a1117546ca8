// The chromatic engine over the simulated network: whatever order messages arrive in, runs are serialisable by their traces
// and lose no update.

#include <catch2/catch.hpp>

#include "apps/demonstrations.hpp"
#include "engine/scope/chromatic_engine.hpp"
#include "partition/comm/simulated_network.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/trace_check.hpp"

using namespace gasket;

TEST_CASE("coloured runs are serialisable whenever messages arrive") {
  parallel::set_threads(1);
  for_seeds(200, [](std::uint64_t seed) {
    const PlainGraph plain = random_graph(24, 70, 1 + seed % 7);
    SimulatedNetwork network({.ranks = 1 + static_cast<int>(mix(seed) % 5),
                              .seed = seed,
                              .longest_delay = static_cast<std::uint32_t>(seed % 12),
                              .piece_limit = Communicator::kPieceLimit});
    TraceVerdict verdict;
    REQUIRE_NOTHROW(network.run([&](Communicator& comm) {
      constexpr std::string_view kPlacements[] = {"dbh", "random", "contiguous"};
      MemorySource source(plain, {comm.rank(), comm.size()});
      LoadOptions load;
      load.undirected = mix(seed + 1) % 2 == 0;
      load.placement = kPlacements[mix(seed + 2) % 3];
      const DistributedGraph graph = load_graph(comm, source, load);
      const ScopeGraph scope(graph);
      Trace trace;
      ScopeOptions options;
      options.trace = &trace;
      const bool full = mix(seed + 3) % 2 == 0;
      options.consistency = full ? Consistency::full : Consistency::edge;
      if (full) {
        std::uint64_t before = 0, after = 0;
        for (LocalId v = 0; v < scope.masters(); ++v) before += scope.global_id(v) % 7 * 10;
        for (const std::uint64_t tokens : run_chromatic(scope, TokenTransfer{.rounds = 3}, options).values)
          after += tokens;
        if (comm.sum(before) != comm.sum(after)) throw std::runtime_error("tokens came or went");
      } else {
        const auto counted = run_chromatic(scope, EdgeCounter{.rounds = 3}, options);
        for (LocalId v = 0; v < scope.masters(); ++v)
          for (const ScopeGraph::Link& link : scope.links(v))
            if (counted.edges[link.edge()] != (link.vertex() == v ? 3 : 6)) throw std::runtime_error("a lost update");
      }
      const TraceVerdict all = judge_all(comm, trace, options.consistency);
      if (comm.rank() == 0) verdict = all;
    }));
    REQUIRE(verdict.first == "");
    REQUIRE(verdict.updates > 0);
  });
}
