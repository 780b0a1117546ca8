// Linear deterministic greedy (Stanton, Kliot: Streaming Graph Partitioning for Large Distributed Graphs, KDD 2012): a
// vertex goes to the part with the highest |neighbours there| (1 - load / capacity). See vertex_stream.hpp for what load
// and capacity are, cost and memory. An in-edge cut.

#include "partition/place/owned_vertices.hpp"
#include "partition/place/strategies.hpp"
#include "partition/place/vertex_stream.hpp"

namespace gasket {

std::unique_ptr<Placement> make_ldg_placement(const PlacementInput& input) {
  const VertexRows rows = gather_rows(input, Neighbours::both, Slices::equal);
  double total = 0;
  for (GlobalId v = 0; v < input.vertices; ++v) total += input.degrees[v] + 1.0;
  const double capacity = 1.05 * total / input.parts;
  BigArray<std::uint16_t> owners(input.vertices);
  stream_vertices(
      input, rows, owners, [&](GlobalId v) { return input.degrees[v] + std::uint64_t{1}; },
      [&](std::uint32_t there, double load) { return there * (1 - load / capacity); }, [](GlobalId) { return true; });
  return std::make_unique<OwnedVertices>(std::move(owners));
}

}  // namespace gasket
