// Every program against a slow serial answer: on named and random graphs, directed and undirected, under every
// placement, pushing, pulling and as the engine chooses, on 1 and 2 threads. Push and pull run the same program text.
// ctest: TIMEOUT 300

#include <catch2/catch.hpp>
#include <cmath>

#include "apps/bfs.hpp"
#include "apps/pagerank.hpp"
#include "apps/powergraph_pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/gasket.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

std::vector<PlainGraph> all_graphs() {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(50, 80, 1));
  graphs.push_back(random_graph(300, 3000, 2));
  graphs.push_back(random_graph(1000, 4000, 3, std::uint64_t{1} << 40));
  graphs.push_back(random_graph(5000, 20000, 4, 3));
  return graphs;
}

// Values of all vertices in ascending order of id, on every rank.
template <class T>
std::vector<T> collect(const DistributedGraph& graph, const BigArray<T>& values) {
  const ValueSlice<T> slice = slice_by_id(graph, values);
  return world().all_gather_spans(std::span<const T>(slice.values.span()));
}

DistributedGraph load(const PlainGraph& plain, bool undirected, std::string_view placement) {
  MemorySource source(plain, {world().rank(), world().size()});
  LoadOptions options;
  options.undirected = undirected;
  options.placement = placement;
  return load_graph(world(), source, options);
}

// Calls body(graph, expected, options) for every graph, placement, direction of the edges, thread count and direction
// of the work; expected is what prepare(oracle) gave for the graph.
template <class Prepare, class Body>
void for_everything(const std::vector<PlainGraph>& graphs, const Prepare& prepare, const Body& body) {
  for (const PlainGraph& plain : graphs)
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const auto expected = prepare(oracle);
      for (const PlacementInfo& placement : placements().first(3)) {
        const DistributedGraph graph = load(plain, undirected, placement.name);
        REQUIRE(graph.vertices() == oracle.count());
        REQUIRE(graph.arcs() == oracle.arcs.size());
        for (const int threads : {1, 2})
          for (const Direction direction : {Direction::automatic, Direction::push, Direction::pull}) {
            CAPTURE(plain.name, undirected, placement.name, threads, static_cast<int>(direction));
            parallel::set_threads(threads);
            SyncOptions options;
            options.direction = direction;
            body(graph, expected, options);
          }
        parallel::set_threads(1);
      }
    }
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum;
}

}  // namespace

TEST_CASE("PageRank is the fixpoint of its rule") {
  const auto check = [](const auto& program, bool normalised) {
    for_everything(
        all_graphs(), [&](const Oracle& oracle) { return oracle.pagerank(0.85, normalised); },
        [&](const DistributedGraph& graph, const std::vector<double>& expected, const SyncOptions& options) {
          const auto result = run_sync(graph, program, options);
          const double scale = normalised ? 1 : static_cast<double>(expected.size());
          CHECK(distance(collect(graph, result.values), expected) < 1e-9 * scale);
          CHECK(result.record.converged);
        });
  };
  check(PageRank{.tolerance = 1e-13}, true);
  check(PowerGraphPageRank<double>{.tolerance = 1e-11}, false);
}

TEST_CASE("a fixed number of PageRank iterations is that many steps of the rule") {
  for_everything(
      {random_graph(300, 3000, 2)}, [](const Oracle& oracle) { return oracle.pagerank(0.85, true, 7); },
      [](const DistributedGraph& graph, const std::vector<double>& expected, SyncOptions options) {
        options.max_supersteps = 7;
        const auto result = run_sync(graph, PageRank{.tolerance = 0}, options);
        CHECK(result.record.supersteps.size() == 7);
        CHECK_FALSE(result.record.converged);
        CHECK(distance(collect(graph, result.values), expected) < 1e-13);
      });
}

TEST_CASE("a sweep by tiles comes to the same as one by rows") {
  for_everything(
      {random_graph(300, 3000, 2), random_graph(17, 40, 3)},
      [](const Oracle& oracle) { return oracle.pagerank(0.85, true, 7); },
      [](const DistributedGraph& graph, const std::vector<double>& expected, SyncOptions options) {
        options.max_supersteps = 7;
        for (const Sweep sweep : {Sweep::rows, Sweep::tiles}) {
          options.sweep = sweep;
          CHECK(distance(collect(graph, run_sync(graph, PageRank{.tolerance = 0}, options).values), expected) < 1e-13);
        }
      });
}

// Several tiles, and tiles of the same targets shared by workers.
TEST_CASE("a sweep by tiles is right beyond one tile") {
  const PlainGraph plain = random_graph(150'000, 5'000'000, 7);
  const std::size_t steps = 3;
  for (const bool undirected : {false, true}) {
    const std::vector<double> expected = Oracle(plain, undirected).pagerank(0.85, true, steps);
    for (const char* placement : {"dbh", "contiguous"}) {
      CAPTURE(undirected, placement);
      MemorySource source(plain, {world().rank(), world().size()});
      LoadOptions load;
      load.undirected = undirected;
      load.placement = placement;
      load.need = adjacency_need<PageRank>();
      parallel::set_threads(2);
      const DistributedGraph graph = load_graph(world(), source, load);
      SyncOptions options;
      options.max_supersteps = steps;
      options.sweep = Sweep::tiles;
      CHECK(distance(collect(graph, run_sync(graph, PageRank{.tolerance = 0}, options).values), expected) < 1e-12);
      parallel::set_threads(1);
    }
  }
}

TEST_CASE("BFS, shortest paths and components are exact") {
  struct Expected {
    GlobalId source;
    std::vector<std::uint32_t> hops;
    std::vector<double> distances;
    std::vector<std::size_t> components;
  };
  for_everything(
      all_graphs(),
      [](const Oracle& oracle) {
        const std::size_t source = oracle.count() / 2;
        return Expected{source, oracle.bfs(source), oracle.sssp(source), oracle.components()};
      },
      [](const DistributedGraph& graph, const Expected& expected, const SyncOptions& options) {
        CHECK(collect(graph, run_sync(graph, Bfs{.source = expected.source}, options).values) == expected.hops);
        CHECK(collect(graph, run_sync(graph, Sssp{.source = expected.source}, options).values) == expected.distances);
        const auto labels = collect(graph, run_sync(graph, Wcc<std::uint32_t>(), options).values);
        CHECK(std::ranges::equal(labels, expected.components));
        const auto wide = collect(graph, run_sync(graph, Wcc<std::uint64_t>(), options).values);
        CHECK(std::ranges::equal(wide, expected.components));
      });
}

TEST_CASE("the rows that a direction needs are enough for it") {
  const auto check = [](const PlainGraph& plain, bool undirected, auto program, const auto& expected) {
    using P = decltype(program);
    for (const Direction direction : {Direction::automatic, Direction::push, Direction::pull}) {
      CAPTURE(plain.name, undirected, static_cast<int>(direction));
      MemorySource source(plain, {world().rank(), world().size()});
      LoadOptions load;
      load.undirected = undirected;
      load.need = adjacency_need<P>(direction);
      const DistributedGraph graph = load_graph(world(), source, load);
      SyncOptions options;
      options.direction = direction;
      CHECK(std::ranges::equal(collect(graph, run_sync(graph, program, options).values), expected));
    }
  };
  for (const PlainGraph& plain : all_graphs())
    for (const bool undirected : {false, true}) {
      const Oracle oracle(plain, undirected);
      const GlobalId source = oracle.count() / 2;
      check(plain, undirected, Bfs{.source = source}, oracle.bfs(source));
      check(plain, undirected, Sssp{.source = source, .delta = 3}, oracle.sssp(source));
      check(plain, undirected, Wcc<std::uint32_t>(), oracle.components());
    }
}

TEST_CASE("shortest paths do not depend on the width of the buckets, nor whole ones on the type of distances") {
  struct Expected {
    GlobalId source;
    std::vector<double> distances;
    bool whole;
  };
  for_everything(
      all_graphs(),
      [](const Oracle& oracle) {
        const bool whole =
            std::ranges::all_of(oracle.arcs, [](const auto& arc) { return arc.weight == std::floor(arc.weight); });
        return Expected{oracle.count() / 3, oracle.sssp(oracle.count() / 3), whole};
      },
      [](const DistributedGraph& graph, const Expected& expected, const SyncOptions& options) {
        for (const double delta : {1e-9, 0.7, 5.0, 1e9})
          CHECK(collect(graph, run_sync(graph, Sssp{.source = expected.source, .delta = delta}, options).values) ==
                expected.distances);
        if (!expected.whole) return;
        const auto whole = collect(
            graph, run_sync(graph, BasicSssp<std::uint32_t>{.source = expected.source, .delta = 2}, options).values);
        for (std::size_t v = 0; v < whole.size(); ++v)
          CHECK((whole[v] == BasicSssp<std::uint32_t>::unreached
                     ? std::numeric_limits<double>::infinity()
                     : static_cast<double>(whole[v])) == expected.distances[v]);
      });
}

namespace {

// Gathers while neighbours change: the largest index that reaches a vertex along the edges it gathers over.
template <EdgeDirection Edges>
struct LargestReaching {
  using Data = std::uint64_t;
  using Accum = Max<std::uint64_t>;
  static constexpr EdgeDirection gather_edges = Edges;
  Data init(const Vertex& v) const { return v.index; }
  Accum gather(const Edge<Data>& e) const { return {e.from.ghost}; }
  Data apply(const Vertex&, const Data& data, const Accum& in) const { return std::max(data, in.value); }
};

// The same as offers.
template <EdgeDirection Edges>
struct LargestOffered {
  using Data = std::uint64_t;
  using Accum = Max<std::uint64_t>;
  static constexpr EdgeDirection scatter_edges = Edges;
  Data init(const Vertex& v) const { return v.index; }
  Accum scatter(const Edge<Data>& e) const { return {e.from.ghost}; }
  Data apply(const Vertex&, const Data& data, const Accum& in) const { return std::max(data, in.value); }
};

std::vector<std::uint64_t> largest_reaching(const Oracle& oracle, bool forward, bool backward) {
  std::vector<std::uint64_t> value(oracle.count());
  for (std::size_t v = 0; v < value.size(); ++v) value[v] = v;
  for (bool moved = true; moved;) {
    moved = false;
    const auto raise = [&](std::size_t from, std::size_t to) {
      if (value[from] > value[to]) {
        value[to] = value[from];
        moved = true;
      }
    };
    for (const Oracle::Arc& arc : oracle.arcs) {
      if (forward) raise(arc.source, arc.target);
      if (backward) raise(arc.target, arc.source);
    }
  }
  return value;
}

// A wide accumulator (locks instead of compare-exchange), a projection, an aggregate over a scatter program: counts,
// over two rounds, how many offers came and what the neighbours' degrees were.
struct Neighbourhood {
  struct Data {
    std::uint64_t round = 0, offers = 0, degrees = 0, largest = 0;
    bool operator==(const Data&) const = default;
  };
  struct Ghost {
    std::uint32_t degree;
    std::uint32_t index;
  };
  struct Accum {
    std::uint64_t offers = 0, degrees = 0, largest = 0;
    Accum& operator+=(const Accum& other) {
      offers += other.offers;
      degrees += other.degrees;
      largest = std::max(largest, other.largest);
      return *this;
    }
  };
  using Global = std::uint64_t;
  Data init(const Vertex&) const { return {}; }
  Ghost ghost(const Vertex& v, const Data&) const { return {v.out_degree, static_cast<std::uint32_t>(v.index)}; }
  Accum scatter(const Edge<Ghost>& e) const { return {1, e.from.ghost.degree, e.from.ghost.index}; }
  Data apply(const Vertex&, const Data& data, const Accum& in, const Global&) const {
    return {data.round + 1, data.offers + in.offers, data.degrees + in.degrees, std::max(data.largest, in.largest)};
  }
  Global aggregate(const Vertex&, const Data&, const Data& after) const { return after.offers; }
  bool converged(const Global& offers) const { return offers > 0; }
};

struct Endless {
  using Data = double;
  using Accum = double;
  static constexpr bool always_awake = true;
  Data init(const Vertex&) const { return 1; }
  Accum gather(const Edge<double>& e) const { return e.from.ghost; }
  Data apply(const Vertex&, const Data&, const Accum& in) const { return in; }
};

struct NobodyStarts : Bfs {
  bool seed(const Vertex&) const { return false; }
};

struct EndlessWithoutSeeds : Endless {
  bool seed(const Vertex&) const { return false; }
};

// Every third vertex takes its one offer and stays as it is.
bool is_wall(GlobalId v) { return v % 3 == 1; }
struct WalledBfs : Bfs {
  Data apply(const Vertex& v, const Data& depth, const Accum& offer) const {
    return is_wall(v.index) ? depth : Bfs::apply(v, depth, offer);
  }
};

// The widest path from a source, widest first: the priorities are the largest numbers there are.
struct WidestPath {
  using Data = std::uint64_t;
  struct Accum {
    std::uint64_t width = 0;
    Accum& operator+=(const Accum& other) {
      width = std::max(width, other.width);
      return *this;
    }
  };
  using EdgeData = double;
  static constexpr bool monotone = true;
  GlobalId source = 0;
  Data init(const Vertex& v) const { return v.index == source ? 1'000'000 : 0; }
  bool seed(const Vertex& v) const { return v.index == source; }
  Accum scatter(const Edge<Data, EdgeData>& e) const {
    return {std::min(e.from.ghost, static_cast<std::uint64_t>(1000 * e.data))};
  }
  Data apply(const Vertex&, const Data& width, const Accum& offer) const { return std::max(width, offer.width); }
  std::uint64_t priority(const Data& width) const { return ~width; }
};

std::vector<std::uint64_t> widest_paths(const Oracle& oracle, std::size_t source) {
  std::vector<std::uint64_t> width(oracle.count());
  width[source] = 1'000'000;
  for (bool moved = true; moved;) {
    moved = false;
    for (const Oracle::Arc& arc : oracle.arcs) {
      const std::uint64_t offer = std::min(width[arc.source], static_cast<std::uint64_t>(1000 * arc.weight));
      if (offer <= width[arc.target]) continue;
      width[arc.target] = offer;
      moved = true;
    }
  }
  return width;
}

// Shortest paths that also know the vertex before: more than a word, and neighbours see a part of it.
struct PathTree {
  struct Data {
    double distance;
    GlobalId before;
    bool operator==(const Data&) const = default;
  };
  struct Ghost {
    double distance;
    GlobalId vertex;
  };
  struct Accum {
    double distance = std::numeric_limits<double>::infinity();
    GlobalId before = 0;
    Accum& operator+=(const Accum& other) {
      if (other.distance < distance) *this = other;
      return *this;
    }
  };
  using EdgeData = double;
  static constexpr bool monotone = true;
  GlobalId source = 0;
  Data init(const Vertex& v) const {
    return {v.index == source ? 0 : std::numeric_limits<double>::infinity(), v.index};
  }
  bool seed(const Vertex& v) const { return v.index == source; }
  Ghost ghost(const Vertex& v, const Data& data) const { return {data.distance, v.index}; }
  Accum scatter(const Edge<Ghost, EdgeData>& e) const { return {e.from.ghost.distance + e.data, e.from.ghost.vertex}; }
  Data apply(const Vertex&, const Data& data, const Accum& offer) const {
    return offer.distance < data.distance ? Data{offer.distance, offer.before} : data;
  }
  std::uint64_t priority(const Data& data) const { return static_cast<std::uint64_t>(std::min(data.distance, 1e15)); }
};

// Neighbours never hear of anything; the vertex still counts.
struct SilentCounter : Endless {
  Data apply(const Vertex&, const Data& count, const Accum&) const { return count + 1; }
  bool changed(const Data&, const Data&) const { return false; }
};

}  // namespace

TEST_CASE("a search goes past vertices that take an offer and do not change") {
  for_everything(
      {random_graph(5000, 40000, 3)},
      [](const Oracle& oracle) {
        Oracle open = oracle;
        std::erase_if(open.arcs, [](const Oracle::Arc& arc) { return is_wall(arc.source) || is_wall(arc.target); });
        return open.bfs(0);
      },
      [](const DistributedGraph& graph, const std::vector<std::uint32_t>& expected, const SyncOptions& options) {
        CHECK(collect(graph, run_sync(graph, WalledBfs(), options).values) == expected);
      });
}

TEST_CASE("priorities reach from the lowest to the highest number") {
  for_everything(
      {random_graph(300, 3000, 2), random_graph(2000, 8000, 5)},
      [](const Oracle& oracle) { return widest_paths(oracle, 0); },
      [](const DistributedGraph& graph, const std::vector<std::uint64_t>& expected, const SyncOptions& options) {
        CHECK(collect(graph, run_sync(graph, WidestPath(), options).values) == expected);
      });
}

TEST_CASE("a program with a priority may keep more than neighbours see") {
  for_everything(
      {random_graph(300, 3000, 2), random_graph(2000, 8000, 5)}, [](const Oracle& oracle) { return oracle.sssp(0); },
      [](const DistributedGraph& graph, const std::vector<double>& expected, const SyncOptions& options) {
        const auto tree = collect(graph, run_sync(graph, PathTree(), options).values);
        for (std::size_t v = 0; v < expected.size(); ++v) {
          CHECK(tree[v].distance == expected[v]);
          if (v != 0 && std::isfinite(expected[v])) CHECK(expected[tree[v].before] <= expected[v]);  // weights may be 0
        }
      });
}

TEST_CASE("data becomes what apply says, whether or not neighbours hear of it") {
  for_everything(
      {random_graph(50, 80, 1)}, [](const Oracle& oracle) { return std::vector<double>(oracle.count(), 6); },
      [](const DistributedGraph& graph, const std::vector<double>& expected, SyncOptions options) {
        options.max_supersteps = 5;
        CHECK(collect(graph, run_sync(graph, SilentCounter(), options).values) == expected);
        CHECK(run_sync(graph, EndlessWithoutSeeds(), options).record.supersteps.size() == 5);
      });
}

// Its row is cut into pieces, and its offers are made by several workers. The workers of two ranks wait in place here,
// which they else do only where each has a core.
TEST_CASE("a hub with more arcs than one worker does at a time") {
  PlainGraph plain;
  plain.name = "hub";
  for (ExternalId v = 1; v <= 300'000; ++v) plain.edges.push_back({0, v, static_cast<double>(v % 7 + 1)});
  for (ExternalId v = 1; v <= 1000; ++v) plain.edges.push_back({0, v, 0.5});  // beside the first ones
  if (world().size() <= 2) parallel::set_core_share(2);
  for (const bool undirected : {false, true}) {
    const Oracle oracle(plain, undirected);
    const auto ranks = oracle.pagerank(0.85, true, 4);
    const auto distances = oracle.sssp(0);
    const auto hops = oracle.bfs(0);
    for (const char* placement : {"dbh", "contiguous"}) {
      const DistributedGraph graph = load(plain, undirected, placement);
      parallel::set_threads(2);
      for (const Direction direction : {Direction::automatic, Direction::push, Direction::pull}) {
        CAPTURE(undirected, placement, static_cast<int>(direction));
        SyncOptions options;
        options.direction = direction;
        CHECK(collect(graph, run_sync(graph, Sssp{.source = 0}, options).values) == distances);
        CHECK(collect(graph, run_sync(graph, Bfs{.source = 0}, options).values) == hops);
        CHECK(std::ranges::count(collect(graph, run_sync(graph, Wcc<std::uint32_t>(), options).values), 0u) == 300'001);
        CHECK(std::ranges::count(collect(graph, run_sync(graph, LargestOffered<EdgeDirection::both>(), options).values),
                                 300'000u) == 300'001);
        CHECK(std::ranges::count(
                  collect(graph, run_sync(graph, LargestReaching<EdgeDirection::both>(), options).values), 300'000u) ==
              300'001);
        options.max_supersteps = 4;
        // Each step sums 300 000 numbers, which together are less than 1, perhaps one after the other.
        const double bound = 4 * 300'000 * std::numeric_limits<double>::epsilon() / 2;
        CHECK(distance(collect(graph, run_sync(graph, PageRank{.tolerance = 0}, options).values), ranks) < bound);
      }
      parallel::set_threads(1);
    }
  }
  parallel::set_core_share(0);
}

TEST_CASE("gather while neighbours change, and scatter, along, against and both ways") {
  struct Expected {
    std::vector<std::uint64_t> forward, backward, both;
  };
  for_everything(
      all_graphs(),
      [](const Oracle& oracle) {
        return Expected{largest_reaching(oracle, true, false), largest_reaching(oracle, false, true),
                        largest_reaching(oracle, true, true)};
      },
      [](const DistributedGraph& graph, const Expected& expected, const SyncOptions& options) {
        CHECK(collect(graph, run_sync(graph, LargestReaching<EdgeDirection::in>(), options).values) ==
              expected.forward);
        CHECK(collect(graph, run_sync(graph, LargestReaching<EdgeDirection::out>(), options).values) ==
              expected.backward);
        CHECK(collect(graph, run_sync(graph, LargestReaching<EdgeDirection::both>(), options).values) == expected.both);
        CHECK(collect(graph, run_sync(graph, LargestOffered<EdgeDirection::out>(), options).values) ==
              expected.forward);
        CHECK(collect(graph, run_sync(graph, LargestOffered<EdgeDirection::in>(), options).values) ==
              expected.backward);
        CHECK(collect(graph, run_sync(graph, LargestOffered<EdgeDirection::both>(), options).values) == expected.both);
      });
}

TEST_CASE("wide accumulators, projections, aggregates and a stop of the program's own") {
  for_everything(
      all_graphs(),
      [](const Oracle& oracle) {
        const auto degrees = oracle.out_degrees();
        std::vector<Neighbourhood::Data> expected(oracle.count());
        for (const Oracle::Arc& arc : oracle.arcs) {
          Neighbourhood::Data& data = expected[arc.target];
          data = {1, data.offers + 1, data.degrees + degrees[arc.source],
                  std::max<std::uint64_t>(data.largest, arc.source)};
        }
        return expected;
      },
      [](const DistributedGraph& graph, const std::vector<Neighbourhood::Data>& expected, const SyncOptions& options) {
        const auto result = run_sync(graph, Neighbourhood(), options);
        CHECK(collect(graph, result.values) == expected);
        CHECK(result.global == graph.arcs());
        CHECK(result.record.supersteps.size() == 1);
        CHECK(run_sync(graph, NobodyStarts(), options).record.supersteps.empty());
      });
}

TEST_CASE("a program that would never end, or lacks what it needs, is refused on every rank") {
  const DistributedGraph graph = load(random_graph(50, 80, 1), false, "dbh");
  CHECK_THROWS_AS(run_sync(graph, Endless()), Error);
  SyncOptions three;
  three.max_supersteps = 3;
  CHECK(run_sync(graph, Endless(), three).record.supersteps.size() == 3);
}
