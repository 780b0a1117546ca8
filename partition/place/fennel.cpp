// Fennel (Tsourakakis, Gkantsidis, Radunovic, Vojnovic: WSDM 2014): a vertex goes to the part with the highest
// |neighbours there| - alpha gamma |P|^(gamma - 1), gamma = 3/2, alpha = m p^(gamma - 1) / n^gamma. |P| is the part's
// work as vertex_stream.hpp has it, in average vertices; see there for cost and memory. An in-edge cut.

#include "partition/place/fennel_price.hpp"
#include "partition/place/owned_vertices.hpp"
#include "partition/place/strategies.hpp"
#include "partition/place/vertex_stream.hpp"

namespace gasket {

std::unique_ptr<Placement> make_fennel_placement(const PlacementInput& input) {
  const VertexRows rows = gather_rows(input, Neighbours::both, Slices::equal);
  std::uint64_t total = 0;
  for (GlobalId v = 0; v < input.vertices; ++v) total += input.degrees[v] + 1;
  EdgeCount edges = 0;
  for (const EdgeChunk& chunk : input.edges) edges += chunk.size();
  const FennelPrice price(input.parts, input.vertices, input.comm->sum(edges), total);
  BigArray<std::uint16_t> owners(input.vertices);
  stream_vertices(
      input, rows, owners, [&](GlobalId v) { return input.degrees[v] + std::uint64_t{1}; },
      [&](std::uint32_t there, double load) { return there - price(load); }, [](GlobalId) { return true; });
  return std::make_unique<OwnedVertices>(std::move(owners));
}

}  // namespace gasket
