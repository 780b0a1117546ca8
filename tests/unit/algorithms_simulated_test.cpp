// Algorithms that are no vertex programs (components, strong components, label propagation, triangles) over the
// simulated network: whatever order messages arrive in, however finely they are cut and whichever rank is slow, the
// answers are the slow ones, in one round of messages and in many.

#include <catch2/catch.hpp>

#include "engine/components.hpp"
#include "engine/label_propagation.hpp"
#include "engine/strong_components.hpp"
#include "engine/triangles.hpp"
#include "partition/comm/simulated_network.hpp"
#include "partition/load.hpp"
#include "partition/place/placement.hpp"
#include "tests/support/simulated_checks.hpp"
#include "tests/support/slow_answers.hpp"

using namespace gasket;
using namespace gasket::test;

namespace {

constexpr int kIterations = 4;  // of label propagation

// Answers worked out once per graph.
struct Answers {
  Answers(const Oracle& oracle, bool undirected)
      : components(oracle.components()),
        strong(slow_strong_components(oracle)),
        communities(slow_label_propagation(oracle, !undirected, kIterations)),
        triangles(slow_triangles(oracle)) {}
  std::vector<GlobalId> components, strong, communities;
  SlowTriangles triangles;
};

// `many`: in many rounds of messages, and with labels and ids of 64 bits.
void check_components(const DistributedGraph& graph, const Answers& answers, bool many) {
  if (many)
    check_values(graph, find_components<std::uint64_t>(graph, {.gathered_pairs = 0}).labels, answers.components,
                 "rounds");
  else
    check_values(graph, find_components<std::uint32_t>(graph).labels, answers.components, "components");
  check_values(graph, find_strong_components(graph).labels, answers.strong, "strong components");
}

void check_communities(const DistributedGraph& graph, const Answers& answers, bool many) {
  const std::uint64_t arcs = many ? 20 : 1 << 23;
  const auto result = propagate_labels(graph, {.iterations = kIterations, .arcs_per_round = arcs, .wide = many});
  check_values(graph, result.labels, answers.communities, "label propagation");
}

void check_triangles(const DistributedGraph& graph, const SlowTriangles& answer, bool many) {
  TriangleOptions options;
  if (many) options = {.bytes_per_round = 300, .arcs_per_round = 30, .wide = true};
  const TriangleResult result = count_triangles(graph, options);
  check_values(graph, result.counts, answer.counts, "triangles");
  check(result.triangles == answer.triangles && result.wedges == answer.wedges, "sums of triangles");
  check_values(graph, local_clustering(graph, options).coefficients, answer.coefficients, "clustering");
}

// Small ones: with every message cut and late, each takes some hundred turns of all ranks.
std::vector<PlainGraph> graphs() {
  return {{"one edge", {{0, 1}}},
          {"parallel edges and self loops", {{0, 1}, {0, 1}, {1, 0}, {1, 1}, {1, 2}, {2, 2}, {2, 0}}},
          {"isolated beside a path", {{2, 4}, {4, 6}}, {1, 2, 3, 4, 5, 6, 7}},
          random_graph(30, 80, 1),
          random_graph(40, 60, 2, std::uint64_t{1} << 50),
          random_graph(20, 150, 3)};
}

}  // namespace

TEST_CASE("algorithms give the slow answers over a network of any order and any cut") {
  std::uint64_t seed = 0;
  for (const PlainGraph& plain : graphs())
    for (const bool undirected : {false, true}) {
      const Answers answers(Oracle(plain, undirected), undirected);
      for (const int ranks : {2, 4})
        for (const bool many : {false, true}) {
          const PlacementInfo& placement = placements()[mix(++seed) % placements().size()];
          CAPTURE(plain.name, undirected, ranks, many, seed, placement.name);
          SimulatedNetwork network({.ranks = ranks,
                                    .seed = seed,
                                    .longest_delay = 6,
                                    .slow_rank = static_cast<int>(seed % 7) - 1,  // often there is no such rank
                                    .piece_limit = seed % 3 == 0 ? 24 : Communicator::kPieceLimit});
          REQUIRE_NOTHROW(network.run([&](Communicator& comm) {
            MemorySource source(plain, {comm.rank(), comm.size()});
            LoadOptions options;
            options.undirected = undirected;
            options.placement = placement.name;
            const DistributedGraph graph = load_graph(comm, source, options);
            check_components(graph, answers, many);
            check_communities(graph, answers, many);
            check_triangles(graph, answers.triangles, many);
          }));
        }
    }
}
