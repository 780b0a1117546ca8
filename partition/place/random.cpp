// Random vertex cut (Gonzalez et al., PowerGraph, OSDI 2012, section 5.1): an edge goes to a part by the hash of its
// two ends, whatever their order. Expected copies of a vertex of degree d on p parts: p * (1 - (1 - 1/p)^d).
// O(1) per edge, no state.

#include <algorithm>

#include "partition/place/part_shares.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

class RandomPlacement final : public Placement {
 public:
  explicit RandomPlacement(const PlacementInput& input)
      : part_of_hash_(input.parts, input.weights), seed_(mix(input.seed)) {}

  bool symmetric() const override { return true; }

  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
      const auto [low, high] = std::minmax(source, target);
      parts[i] = part_of_hash_(mix(mix(low ^ seed_) + high));
    });
  }

  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = part_of_hash_(mix((first + i) ^ seed_));
  }
  bool masters_follow_edges() const override { return true; }

 private:
  HashedParts part_of_hash_;
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Placement> make_random_placement(const PlacementInput& input) {
  return std::make_unique<RandomPlacement>(input);
}

}  // namespace gasket
