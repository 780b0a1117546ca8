// Values travel to ghosts as whole lists while nearly all of them change, and are chosen where few did: the answers are
// those of a sequential sweep either way, also at the switches, and what is spared is counted.

#include <catch2/catch.hpp>

#include "engine/gasket.hpp"
#include "partition/hash.hpp"
#include "tests/support/program_runs.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

constexpr std::uint32_t kSteps = 8;

// In supersteps 2, 3 and 4 only one vertex in ten changes, in the others all do.
bool moves(GlobalId vertex, std::uint32_t step) { return step < 2 || step > 4 || vertex % 10 == 0; }

struct Moody {
  struct Data {
    std::uint64_t value;
    std::uint32_t step;
  };
  using Ghost = std::uint64_t;
  using Accum = std::uint64_t;  // wraps, in any order to the same
  static constexpr bool always_awake = true;
  Data init(const Vertex& v) const { return {mix(v.index), 0}; }
  Ghost ghost(const Vertex&, const Data& data) const { return data.value; }
  Accum gather(const Edge<Ghost>& e) const { return e.from.ghost; }
  Data apply(const Vertex& v, const Data& data, const Accum& in) const {
    return {moves(v.index, data.step) ? mix(data.value ^ in) : data.value, data.step + 1};
  }
  bool changed(const Data& before, const Data& after) const { return before.value != after.value; }
};

// A vertex counts on with every sum; neighbours hear of it when it has passed a multiple of kNews.
constexpr std::uint64_t kNews = 1000;
struct Coarse {
  using Data = std::uint64_t;
  using Accum = std::uint64_t;
  static constexpr bool always_awake = true;
  Data init(const Vertex& v) const { return v.index % 7; }
  Accum gather(const Edge<Data>& e) const { return e.from.ghost; }
  Data apply(const Vertex&, const Data& data, const Accum& in) const { return data + in % 401; }
  bool changed(const Data& before, const Data& after) const { return before / kNews != after / kNews; }
};

std::vector<std::uint64_t> slow_coarse(const Oracle& oracle) {
  std::vector<std::uint64_t> values(oracle.count());
  for (GlobalId v = 0; v < values.size(); ++v) values[v] = v % 7;
  std::vector<std::uint64_t> seen = values;
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    std::vector<std::uint64_t> sums(values.size());
    for (const Oracle::Arc& arc : oracle.arcs) sums[arc.target] += seen[arc.source];
    for (GlobalId v = 0; v < values.size(); ++v) {
      const std::uint64_t before = values[v];
      values[v] += sums[v] % 401;
      if (before / kNews != values[v] / kNews) seen[v] = values[v];
    }
  }
  return values;
}

std::vector<std::uint64_t> slow_answer(const Oracle& oracle) {
  std::vector<std::uint64_t> values(oracle.count());
  for (GlobalId v = 0; v < values.size(); ++v) values[v] = mix(v);
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    std::vector<std::uint64_t> sums(values.size());
    for (const Oracle::Arc& arc : oracle.arcs) sums[arc.target] += values[arc.source];
    for (GlobalId v = 0; v < values.size(); ++v)
      if (moves(v, step)) values[v] = mix(values[v] ^ sums[v]);
  }
  return values;
}

}  // namespace

TEST_CASE("whole lists and chosen values make the same supersteps") {
  test::for_everything(
      {random_graph(2000, 12000, 7)}, slow_answer,
      [](const DistributedGraph& graph, const std::vector<std::uint64_t>& expected, SyncOptions options) {
        options.max_supersteps = kSteps;
        for (const Sweep sweep : {Sweep::rows, Sweep::tiles}) {
          options.sweep = sweep;
          const auto result = run_sync(graph, Moody(), options);
          BigArray<std::uint64_t> values(graph.masters());
          for (LocalId v = 0; v < graph.masters(); ++v) values[v] = result.values[v].value;
          CHECK(collect(graph, values) == expected);
          REQUIRE(result.record.supersteps.size() == kSteps);
          // Chosen after a superstep in which few changed: in 3, 4 and 5, and in 5 all have.
          for (std::uint32_t step = 0; step < kSteps; ++step)
            CHECK((result.record.supersteps[step].values_skipped > 0) ==
                  (world().size() > 1 && (step == 3 || step == 4)));
        }
      });
}

TEST_CASE("neighbours keep what they know of a vertex that has no news, which goes on with its own value") {
  test::for_everything(
      {random_graph(2000, 12000, 9), random_graph(50, 200, 10)}, slow_coarse,
      [](const DistributedGraph& graph, const std::vector<std::uint64_t>& expected, SyncOptions options) {
        options.max_supersteps = kSteps;
        for (const Sweep sweep : {Sweep::rows, Sweep::tiles}) {
          options.sweep = sweep;
          CHECK(collect(graph, run_sync(graph, Coarse(), options).values) == expected);
        }
      });
}
