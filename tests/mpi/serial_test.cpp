// A vertex program whose accumulator is a container: communities by label propagation as one would write them down,
// held against the engine's own form of them.

#include <catch2/catch.hpp>
#include <cereal/types/map.hpp>
#include <map>

#include "engine/gasket.hpp"
#include "engine/label_propagation.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

using namespace gasket;

namespace {

struct Histogram {
  std::map<std::uint64_t, std::uint64_t> counts;
  Histogram& operator+=(const Histogram& other) {
    for (const auto& [label, count] : other.counts) counts[label] += count;
    return *this;
  }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(counts);
  }
};

template <bool AlwaysAwake>
struct Cdlp {
  using Data = std::uint64_t;
  using Accum = Histogram;
  static constexpr EdgeDirection gather_edges = EdgeDirection::both;
  static constexpr bool always_awake = AlwaysAwake;

  Data init(const Vertex& v) const { return v.index; }
  Accum gather(const Edge<Data>& e) const { return {{{e.from.ghost, 1}}}; }
  Data apply(const Vertex&, const Data& label, const Accum& around) const {
    std::uint64_t best = label, most = 0;
    for (const auto& [candidate, count] : around.counts)
      if (count > most) {
        best = candidate;
        most = count;
      }
    return best;
  }
};

}  // namespace

TEST_CASE("a program with a map as its accumulator finds the communities that the engine's own form finds") {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(300, 900, 5));
  graphs.push_back(random_graph(500, 4000, 6, 7));
  for (const PlainGraph& plain : graphs)
    for (const bool undirected : {false, true})
      for (const PlacementInfo& placement : placements().first(3)) {
        MemorySource source(plain, {world().rank(), world().size()});
        LoadOptions load;
        load.undirected = undirected;
        load.placement = placement.name;
        const DistributedGraph graph = load_graph(world(), source, load);
        for (const int threads : {1, 2}) {
          CAPTURE(plain.name, undirected, placement.name, threads);
          parallel::set_threads(threads);
          const auto expected = propagate_labels(graph, {.iterations = 6}).labels;
          SyncOptions options;
          options.max_supersteps = 6;
          const auto sleepy = run_sync(graph, Cdlp<false>(), options).values;
          const auto awake = run_sync(graph, Cdlp<true>(), options).values;
          CHECK(std::ranges::equal(sleepy, expected));
          CHECK(std::ranges::equal(awake, expected));
        }
        parallel::set_threads(1);
      }
}
