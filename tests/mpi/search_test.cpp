// Searches over several ranks: each copy of a reached vertex is told its depth once, and where rows look for givers few
// ghosts find one, because their masters have looked before them.
// ctest: TIMEOUT 120

#include <algorithm>
#include <catch2/catch.hpp>

#include "apps/bfs.hpp"
#include "engine/gasket.hpp"
#include "tests/support/graph_checks.hpp"
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
