// Searches over several ranks: each copy of a reached vertex is told its depth once, and where rows look for givers few
// ghosts find one, because their masters have looked before them; with the leads of rows too.
// ctest: TIMEOUT 120

#include <algorithm>
#include <catch2/catch.hpp>

#include "apps/bfs.hpp"
#include "engine/gasket.hpp"
#include "tests/support/far_from_masters.hpp"
#include "tests/support/graph_checks.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/program_runs.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

struct Search {
  std::vector<std::uint32_t> depths;
  std::uint64_t sent = 0;
};

Search search(const DistributedGraph& graph, Direction direction) {
  SyncOptions options;
  options.direction = direction;
  const auto result = run_sync(graph, Bfs{.source = 1}, options);
  Search found{{result.values.begin(), result.values.end()}, 0};
  for (const SuperstepRecord& step : result.record.supersteps) found.sent += step.values_sent;
  return found;
}

}  // namespace

TEST_CASE("a search that looks at each row's lead first is exact") {
  for (const PlainGraph& plain : test::all_graphs())
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const std::vector<std::uint32_t> expected = oracle.bfs(0);
      for (const std::string_view placement : {"dbh", "contiguous", "cvc", "own"}) {
        LoadOptions how;
        how.undirected = undirected;
        how.order = VertexOrder::degree;
        how.need = adjacency_need<Bfs>();
        if (placement == "own")
          how.strategy = &own_strategy<FarFromMasters>;
        else
          how.placement = placement;
        MemorySource source(plain, {world().rank(), world().size()});
        const DistributedGraph graph = load_graph(world(), source, how);
        REQUIRE(graph.by_target().leads.size() == graph.locals());
        for (const int threads : {1, 3})
          for (const Direction direction : {Direction::automatic, Direction::pull}) {
            CAPTURE(plain.name, undirected, placement, threads, static_cast<int>(direction));
            parallel::set_threads(threads);
            SyncOptions options;
            options.direction = direction;
            const auto result = run_sync(graph, Bfs{.source = 0}, options);
            CHECK(collect(graph, result.values) == expected);
          }
        parallel::set_threads(1);
      }
    }
}

TEST_CASE("copies are told once, and most ghosts do not search") {
  for (const std::uint64_t seed : {3, 4, 5}) {
    const PlainGraph plain = random_graph(3000, 30000, seed);
    MemorySource source(plain, {world().rank(), world().size()});
    LoadOptions how;
    how.undirected = true;
    how.placement = "dbh";
    const DistributedGraph graph = load_graph(world(), source, how);
    const auto ghosts = world().sum<std::uint64_t>(graph.ghosts());
    const Search pushed = search(graph, Direction::push), pulled = search(graph, Direction::pull),
                 chosen = search(graph, Direction::automatic);
    CAPTURE(seed, ghosts, pushed.sent, pulled.sent, chosen.sent);
    CHECK(std::ranges::none_of(pushed.depths, [](std::uint32_t depth) { return depth == Bfs::unreached; }));
    CHECK((pulled.depths == pushed.depths));
    CHECK((chosen.depths == pushed.depths));
    // What is more than the ghosts are offers that they made.
    for (const Search& one : {pushed, pulled, chosen}) REQUIRE(one.sent >= ghosts);
    const std::uint64_t all_offer = pushed.sent - ghosts;
    CHECK(all_offer <= ghosts);
    CHECK(3 * (pulled.sent - ghosts) <= 2 * all_offer);
    CHECK(3 * (chosen.sent - ghosts) <= 2 * all_offer);
  }
}
