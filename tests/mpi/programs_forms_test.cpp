// Programs of every form that the synchronous engine takes, where the apps have none: wide accumulators, projections,
// aggregates, priorities of any kind, seeds. Each against a slow serial answer.
// ctest: TIMEOUT 300

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "apps/bfs.hpp"
#include "engine/gasket.hpp"
#include "tests/support/program_runs.hpp"

using namespace gasket;
using namespace gasket::test;

namespace {

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

// Sums of values of all sizes, which come out differently in another order.
struct RoundedSums {
  using Data = double;
  using Accum = double;
  struct Global {
    double sum = 0, change = 0;
    Global& operator+=(const Global& other) {
      sum += other.sum;
      change += other.change;
      return *this;
    }
  };
  static constexpr bool always_awake = true;
  Data init(const Vertex& v) const { return std::exp(static_cast<double>(v.index % 37)) / 3; }
  Accum gather(const Edge<double>& e) const { return e.from.ghost; }
  Data apply(const Vertex& v, const Data& data, const Accum&, const Global& last) const {
    return data * 0.9 + last.sum / static_cast<double>(v.count) / 7;
  }
  Global aggregate(const Vertex&, const Data& before, const Data& after) const {
    return {after, std::abs(after - before)};
  }
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

TEST_CASE("an aggregate of doubles has the same bits for any number of threads") {
  const DistributedGraph graph = load(random_graph(20000, 60000, 11), false, "random");
  for (const Sweep sweep : {Sweep::rows, Sweep::tiles})
    for (const Direction direction : {Direction::pull, Direction::push}) {
      std::vector<RoundedSums::Global> sums;
      for (const int threads : {1, 2, 3, 5}) {
        parallel::set_threads(threads);
        const SyncOptions options{.max_supersteps = 4, .direction = direction, .sweep = sweep};
        sums.push_back(run_sync(graph, RoundedSums(), options).global);
        CAPTURE(threads, static_cast<int>(direction), sweep == Sweep::tiles);
        CHECK(sums.back().sum == sums.front().sum);
        CHECK(sums.back().change == sums.front().change);
      }
    }
  parallel::set_threads(1);
}

TEST_CASE("what a callback waits for is not the superstep's") {
  const DistributedGraph graph = load(random_graph(300, 1000, 12), false, "random");
  const auto let_others_wait = [&](const SuperstepRecord&) {
    const Stopwatch watch;
    while (world().rank() == 0 && watch.seconds() < 0.05) {
    }
    world().sum(1);
  };
  const auto result = run_sync(graph, Endless(), {.max_supersteps = 5, .on_superstep = let_others_wait});
  REQUIRE(result.record.supersteps.size() == 5);
  for (const SuperstepRecord& step : result.record.supersteps) {
    CHECK(step.compute_seconds >= 0);
    CHECK(step.wait_seconds >= 0);
    CHECK(step.compute_seconds + step.wait_seconds <= step.seconds * (1 + 1e-9));
  }
  for (const double waited : result.record.waited) CHECK(waited <= result.record.seconds);
}
