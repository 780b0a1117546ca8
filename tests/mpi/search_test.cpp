// Searches over several ranks: each copy of a reached vertex is told its depth once, and where rows look for givers few
// ghosts find one, because their masters have looked before them; with the leads of rows too.
// ctest: TIMEOUT 120

#include <algorithm>
#include <catch2/catch.hpp>

#include "apps/bfs.hpp"
#include "engine/gasket.hpp"
#include "partition/hash.hpp"
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

// Searches that differ from Bfs in what a pull has to do.
struct Backward : Bfs {
  static constexpr EdgeDirection scatter_edges = EdgeDirection::in;
};
struct BothWays : Bfs {
  static constexpr EdgeDirection scatter_edges = EdgeDirection::both;
};
struct Weighted : Bfs {
  using EdgeData = double;
  Accum scatter(const Edge<Data, double>& e) const { return {e.from.ghost + (e.data < 0 ? 2 : 1)}; }
};
struct Counting : Bfs {  // with an aggregate vertices do not apply at once
  using Global = std::uint64_t;
  Data apply(const Vertex& v, const Data& depth, const Accum& offer, const Global&) const {
    return Bfs::apply(v, depth, offer);
  }
  Global aggregate(const Vertex&, const Data&, const Data& after) const { return after == unreached ? 0 : 1; }
};

// Some vertices take an offer and do not change, so that they are never givers.
bool is_wall(GlobalId v) { return v != 0 && mix(v) % 4 == 0; }
struct Walls : Bfs {
  Data apply(const Vertex& v, const Data& depth, const Accum& offer) const {
    return is_wall(v.index) ? depth : Bfs::apply(v, depth, offer);
  }
};
struct CountingWalls : Counting {
  Data apply(const Vertex& v, const Data& depth, const Accum& offer, const Global& reached) const {
    return is_wall(v.index) ? depth : Counting::apply(v, depth, offer, reached);
  }
};
Oracle without_walls(Oracle oracle) {
  std::erase_if(oracle.arcs, [](const Oracle::Arc& arc) { return is_wall(arc.source) || is_wall(arc.target); });
  return oracle;
}

// Edges turned round, or both ways round.
PlainGraph turned(PlainGraph plain, bool keep) {
  const std::size_t count = plain.edges.size();
  for (std::size_t i = 0; i < count; ++i) {
    const PlainEdge edge = plain.edges[i];
    const PlainEdge back{edge.target, edge.source, edge.weight};
    if (keep)
      plain.edges.push_back(back);
    else
      plain.edges[i] = back;
  }
  return plain;
}

template <class Program>
void check_search(const PlainGraph& plain, bool undirected, const std::vector<std::uint32_t>& expected) {
  for (const std::string_view placement : {"dbh", "contiguous", "cvc", "own"}) {
    LoadOptions how;
    how.undirected = undirected;
    how.order = VertexOrder::degree;
    how.need = adjacency_need<Program>();
    if (placement == "own")
      how.strategy = &own_strategy<FarFromMasters>;
    else
      how.placement = placement;
    MemorySource source(plain, {world().rank(), world().size()});
    const DistributedGraph graph = load_graph(world(), source, how);
    for (const int threads : {1, 3})
      for (const Direction direction : {Direction::automatic, Direction::pull}) {
        CAPTURE(plain.name, undirected, placement, threads, static_cast<int>(direction));
        parallel::set_threads(threads);
        SyncOptions options;
        options.direction = direction;
        Program program;
        program.source = 0;
        const auto result = run_sync(graph, program, options);
        CHECK(collect(graph, result.values) == expected);
      }
    parallel::set_threads(1);
  }
}

}  // namespace

TEST_CASE("searches that look at the lead of each row first are exact") {
  std::vector<PlainGraph> graphs = test::all_graphs();
  graphs.push_back(random_graph(60'000, 300'000, 5));  // several blocks of rows, also on four ranks
  for (const PlainGraph& plain : graphs)
    for (const bool undirected : {false, true}) {
      const std::vector<std::uint32_t> expected = Oracle(plain, undirected).bfs(0);
      check_search<Bfs>(plain, undirected, expected);
      check_search<Counting>(plain, undirected, expected);
      check_search<Weighted>(plain, undirected, expected);
      check_search<Backward>(plain, undirected, Oracle(turned(plain, false), undirected).bfs(0));
      check_search<BothWays>(plain, undirected, Oracle(turned(plain, true), undirected).bfs(0));
      const std::vector<std::uint32_t> around = without_walls(Oracle(plain, undirected)).bfs(0);
      check_search<Walls>(plain, undirected, around);
      check_search<CountingWalls>(plain, undirected, around);
    }
}

TEST_CASE("only searches over unweighted arcs of one direction ask for leads, of the rows they pull over") {
  CHECK(adjacency_need<Bfs>().leads == Leads::by_target);
  CHECK(adjacency_need<Backward>().leads == Leads::by_source);
  CHECK(adjacency_need<BothWays>().leads == Leads::none);
  CHECK(adjacency_need<Weighted>().leads == Leads::none);
  CHECK(adjacency_need<Bfs>(Direction::push).leads == Leads::none);
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

TEST_CASE("a search that is cut off, by its limit or by who is told of its supersteps, leaves nothing under way") {
  const PlainGraph plain = random_graph(3000, 9000, 7);
  for (const bool undirected : {false, true}) {
    const Oracle oracle(plain, undirected);
    const std::vector<std::uint32_t> expected = oracle.bfs(0);
    LoadOptions how;
    how.undirected = undirected;
    MemorySource source(plain, {world().rank(), world().size()});
    const DistributedGraph graph = load_graph(world(), source, how);
    for (std::uint64_t limit = 0; limit < 8; ++limit) {
      CAPTURE(undirected, limit);
      std::vector<std::uint32_t> within = expected;
      for (std::uint32_t& depth : within)
        if (depth > limit) depth = Bfs::unreached;
      SyncOptions options;
      options.max_supersteps = limit;
      CHECK(collect(graph, run_sync(graph, Bfs{.source = 0}, options).values) == within);

      struct Enough {};
      SyncOptions told;
      told.on_superstep = [left = limit](const SuperstepRecord&) mutable {
        if (left-- == 0) throw Enough();
      };
      bool thrown = false;
      try {
        run_sync(graph, Bfs{.source = 0}, told);
      } catch (const Enough&) {
        thrown = true;
      }
      const auto whole = run_sync(graph, Bfs{.source = 0});
      CHECK(collect(graph, whole.values) == expected);
      CHECK(thrown == (whole.record.supersteps.size() > limit));
    }
  }
}
