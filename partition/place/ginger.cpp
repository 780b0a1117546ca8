// Ginger (Chen, Shi, Chen, Zang: PowerLyra, EuroSys 2015, section 4.2): the hybrid cut, in which a vertex of at most 100
// in-edges is not hashed but goes with its in-edges to the part with the highest |in-neighbours there| - price, Fennel's
// price for (|V_p| + |V| / |E| |E_p|) / 2. Hubs are hashed, and their in-edges go to the masters of the sources. Cost and
// memory: vertex_stream.hpp, 4 bytes per in-edge for the rows, 4 per vertex for their work.

#include "partition/hash.hpp"
#include "partition/place/fennel_price.hpp"
#include "partition/place/owned_vertices.hpp"
#include "partition/place/strategies.hpp"
#include "partition/place/vertex_stream.hpp"

namespace gasket {
namespace {

constexpr std::uint32_t kHub = 100;

class GingerPlacement final : public OwnedVertices {
 public:
  GingerPlacement(BigArray<std::uint16_t> owners, std::span<const std::uint32_t> in_degrees)
      : OwnedVertices(std::move(owners)), in_degrees_(in_degrees) {}

  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
      parts[i] = owners_[in_degrees_[target] > kHub ? source : target];
    });
  }

 private:
  std::span<const std::uint32_t> in_degrees_;
};

}  // namespace

std::unique_ptr<Placement> make_ginger_placement(const PlacementInput& input) {
  const VertexRows rows = gather_rows(input, input.undirected ? Neighbours::both : Neighbours::sources, Slices::equal);
  const auto low = [&](GlobalId v) { return input.degrees[v] <= kHub; };
  // Edges into hubs weigh where their sources are.
  BigArray<std::uint32_t> work(input.vertices);
  for (const EdgeChunk& chunk : input.edges)
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t) {
      ++work[low(target) ? target : source];
      if (input.undirected && source != target) ++work[low(source) ? source : target];
    });
  if (input.comm->size() > 1) input.comm->all_reduce_in_place(work.span(), std::plus<std::uint32_t>());
  std::uint64_t vertices = 0, edges = 0;
  for (GlobalId v = 0; v < input.vertices; ++v) {
    vertices += low(v) ? 1 : 0;
    edges += low(v) ? work[v] : 0;
  }
  vertices = std::max<std::uint64_t>(vertices, 1);
  // A vertex weighs as much as its share of the edges: the sum then is the paper's, times 2 |E| / |V|.
  const std::uint64_t beside = std::max<std::uint64_t>(1, edges / vertices);
  const FennelPrice price(input.parts, vertices, std::max<std::uint64_t>(edges, 1), edges + beside * vertices);
  BigArray<std::uint16_t> owners(input.vertices);
  const std::uint64_t seed = mix(input.seed);
  const HashedParts part_of_hash(input.parts, input.weights);
  for (GlobalId v = 0; v < input.vertices; ++v)
    if (!low(v)) owners[v] = static_cast<std::uint16_t>(part_of_hash(mix(v ^ seed)));
  stream_vertices(
      input, rows, owners, [&](GlobalId v) { return work[v] + beside; },
      [&](std::uint32_t there, double load) { return there - price(load); }, low);
  return std::make_unique<GingerPlacement>(std::move(owners), input.degrees);
}

}  // namespace gasket
