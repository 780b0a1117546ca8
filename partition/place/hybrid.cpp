// Hybrid cut (Chen, Shi, Chen, Zang: PowerLyra, EuroSys 2015, section 4.1): an edge goes to the hash of its target, as
// in an edge cut, unless the target has more than 100 in-edges: then to the hash of its source. Low vertices find all
// their in-edges at the master; a hub's are spread like random. O(1) per edge after a pass over the in-degrees; 4 bytes
// per vertex on every rank while placing.

#include "partition/place/part_shares.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

constexpr std::uint32_t kHub = 100;  // PowerLyra's default

class HybridPlacement final : public Placement {
 public:
  explicit HybridPlacement(const PlacementInput& input)
      : part_of_hash_(input.parts, input.weights), in_degrees_(input.degrees), seed_(mix(input.seed)) {}

  bool symmetric() const override { return false; }

  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
      parts[i] = part_of(in_degrees_[target] > kHub ? source : target);
    });
  }

  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = part_of(first + i);
  }

 private:
  PartId part_of(GlobalId vertex) const { return part_of_hash_(mix(vertex ^ seed_)); }

  HashedParts part_of_hash_;
  std::span<const std::uint32_t> in_degrees_;
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Placement> make_hybrid_placement(const PlacementInput& input) {
  return std::make_unique<HybridPlacement>(input);
}

}  // namespace gasket
