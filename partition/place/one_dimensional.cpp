// One-dimensional cuts: an edge goes to the part that the hash of its source (or of its target) names, which also
// masters that vertex. By target, a gather finds all its edges at the master and only values are broadcast; by source,
// only sums are reduced. Copies of a vertex: its distinct neighbours' parts, p (1 - (1 - 1/p)^degree) about. A hub's
// edges all lie on one part, so nothing bounds the balance of edges. O(1) per edge, no state.

#include "partition/place/part_shares.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

class OneDimensionalPlacement final : public Placement {
 public:
  OneDimensionalPlacement(const PlacementInput& input, bool by_source)
      : part_of_hash_(input.parts, input.weights), seed_(mix(input.seed)), by_source_(by_source) {}

  bool symmetric() const override { return false; }

  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    chunk.for_each(
        [&](GlobalId source, GlobalId target, std::size_t i) { parts[i] = part_of(by_source_ ? source : target); });
  }

  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = part_of(first + i);
  }

 private:
  PartId part_of(GlobalId vertex) const { return part_of_hash_(mix(vertex ^ seed_)); }

  HashedParts part_of_hash_;
  std::uint64_t seed_;
  bool by_source_;
};

}  // namespace

std::unique_ptr<Placement> make_source_placement(const PlacementInput& input) {
  return std::make_unique<OneDimensionalPlacement>(input, true);
}

std::unique_ptr<Placement> make_target_placement(const PlacementInput& input) {
  return std::make_unique<OneDimensionalPlacement>(input, false);
}

}  // namespace gasket
