// A placement strategy of one's own, outside the tree: 20 lines from the rule to the graph.
#include <iostream>

#include "engine/gasket.hpp"

// Ranges of vertices; an edge goes with its target, but with its source where the target is a hub.
struct Ranges {
  static constexpr auto degrees = gasket::DegreesWanted::in;
  explicit Ranges(const gasket::PlacementInput& in) : parts(in.parts), vertices(in.vertices), in_degrees(in.degrees) {}
  gasket::PartId edge(gasket::GlobalId source, gasket::GlobalId target) const {
    return master(in_degrees[target] > 100 ? source : target);
  }
  gasket::PartId master(gasket::GlobalId v) const { return static_cast<gasket::PartId>(v * parts / vertices); }
  gasket::PartId parts;
  gasket::GlobalId vertices;
  std::span<const std::uint32_t> in_degrees;
};

int main(int argc, char** argv) {
  gasket::Session session(argc, argv);
  const auto source = gasket::open_source(session.communicator(), {.path = "rmat:scale=12"});
  gasket::LoadOptions options;
  options.strategy = &gasket::own_strategy<Ranges>;
  const auto graph = gasket::load_graph(session.communicator(), *source, options);
  if (session.rank() == 0) std::cout << graph.quality().replication_factor << " copies per vertex\n";
  return graph.edges() == 16 << 12 ? 0 : 1;
}
