// The whole way from edges to answers over the simulated network: whatever order messages arrive in and however finely
// they are cut, the answers are the serial ones.

#include <catch2/catch.hpp>
#include <map>

#include "apps/bfs.hpp"
#include "apps/pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/output.hpp"
#include "engine/sync_engine.hpp"
#include "partition/comm/simulated_network.hpp"
#include "partition/load.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/largest_reaching.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/simulated_checks.hpp"

using namespace gasket;
using namespace gasket::test;

namespace {

using LargestConnected = LargestReaching<EdgeDirection::both>;

// Answers worked out once per graph.
struct Answers {
  explicit Answers(const Oracle& oracle)
      : source(oracle.count() / 2),
        ranks(oracle.pagerank(0.85, true, 6)),
        depths(oracle.bfs(source)),
        distances(oracle.sssp(source)),
        components(oracle.components()) {
    std::map<GlobalId, std::uint64_t> largest;
    for (GlobalId v = 0; v < components.size(); ++v) largest[components[v]] = v;
    for (const GlobalId component : components) largest_connected.push_back(largest[component]);
  }
  GlobalId source;
  std::vector<double> ranks;
  std::vector<std::uint32_t> depths;
  std::vector<double> distances;
  std::vector<GlobalId> components;
  std::vector<std::uint64_t> largest_connected;
};

void check_programs(const DistributedGraph& graph, const Answers& answers, Direction direction) {
  SyncOptions options;
  options.direction = direction;
  check_values(graph, run_sync(graph, Bfs{.source = answers.source}, options).values, answers.depths, "bfs");
  check_values(graph, run_sync(graph, Sssp{.source = answers.source}, options).values, answers.distances, "sssp");
  check_values(graph, run_sync(graph, Wcc<std::uint32_t>(), options).values, answers.components, "wcc");
  check_values(graph, run_sync(graph, LargestConnected(), options).values, answers.largest_connected, "gather");
  options.max_supersteps = 6;
  const auto ranks = run_sync(graph, PageRank{.tolerance = 0}, options);
  double distance = 0;
  for (LocalId v = 0; v < graph.masters(); ++v)
    distance += std::abs(ranks.values[v] - answers.ranks[graph.global_id(v)]);
  check(distance < 1e-13, "pagerank");
}

}  // namespace

TEST_CASE("programs give the serial answers over a network of any order and any cut") {
  std::vector<PlainGraph> graphs = named_graphs();
  graphs.push_back(random_graph(40, 120, 1));
  graphs.push_back(random_graph(60, 90, 2, std::uint64_t{1} << 50));
  std::uint64_t seed = 0;
  for (const PlainGraph& plain : graphs)
    for (const bool undirected : {false, true}) {
      const Answers answers(Oracle(plain, undirected));
      for (const int ranks : {2, 3, 4, 5})
        for (const std::size_t limit : {std::size_t{16}, std::size_t{40}, Communicator::kPieceLimit}) {
          const PlacementInfo& placement = placements()[++seed % placements().size()];
          const Direction direction = seed % 2 == 0   ? Direction::push
                                      : seed % 3 == 0 ? Direction::pull
                                                      : Direction::automatic;
          CAPTURE(plain.name, undirected, ranks, limit, seed, placement.name, static_cast<int>(direction));
          SimulatedNetwork network({.ranks = ranks, .seed = seed, .longest_delay = 6, .piece_limit = limit});
          REQUIRE_NOTHROW(network.run([&](Communicator& comm) {
            MemorySource source(plain, {comm.rank(), comm.size()});
            LoadOptions options;
            options.undirected = undirected;
            options.placement = placement.name;
            check_programs(load_graph(comm, source, options), answers, direction);
          }));
        }
    }
}

TEST_CASE("the bits of an answer do not depend on when messages arrive") {
  const PlainGraph plain = random_graph(60, 300, 3);
  std::vector<double> reference;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    std::vector<double> ranks;
    SimulatedNetwork network(
        {.ranks = 4, .seed = seed, .longest_delay = static_cast<std::uint32_t>(seed % 12), .piece_limit = 64});
    REQUIRE_NOTHROW(network.run([&](Communicator& comm) {
      MemorySource source(plain, {comm.rank(), comm.size()});
      const DistributedGraph graph = load_graph(comm, source, {});
      const auto result = run_sync(graph, PageRank{.tolerance = 1e-12});
      const ValueSlice<double> slice = slice_by_id(graph, result.values);
      const auto all = comm.all_gather_spans(std::span<const double>(slice.values.span()));
      if (comm.rank() == 0) ranks = all;
    }));
    if (seed == 0) reference = ranks;
    CHECK(ranks == reference);
  }
}

namespace {

// Loads only the rows that the program asks for.
template <class P>
void check_own_rows(const char* name) {
  const PlainGraph plain = random_graph(40, 120, 1);
  const Answers answers(Oracle(plain, true));
  for (const PlacementInfo& placement : placements().first(3))
    for (const Direction direction : {Direction::automatic, Direction::push, Direction::pull}) {
      CAPTURE(name, placement.name, static_cast<int>(direction));
      SimulatedNetwork network({.ranks = 3, .seed = 1});
      REQUIRE_NOTHROW(network.run([&](Communicator& comm) {
        MemorySource source(plain, {comm.rank(), comm.size()});
        LoadOptions options;
        options.undirected = true;
        options.placement = placement.name;
        options.need = adjacency_need<P>(direction);
        const DistributedGraph graph = load_graph(comm, source, options);
        SyncOptions how;
        how.direction = direction;
        check_values(graph, run_sync(graph, P(), how).values, answers.largest_connected, name);
      }));
    }
}

}  // namespace

TEST_CASE("the rows a program asks for are enough on undirected graphs, whichever edges it gathers over") {
  check_own_rows<LargestReaching<EdgeDirection::in>>("in");
  check_own_rows<LargestReaching<EdgeDirection::out>>("out");
  check_own_rows<LargestReaching<EdgeDirection::both>>("both");
}
