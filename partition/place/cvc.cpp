// Cartesian vertex cut (Boman, Devine, Rajamanickam, SC 2013; Dathathri et al., Gluon, PLDI 2018): parts are the cells
// of a grid, a vertex is mastered by the cell it hashes to, and an edge goes to the row of its source's master and the
// column of its target's. So a vertex has its out-edges in one row and its in-edges in one column: values are broadcast
// along rows, sums reduced along columns, rows + columns - 2 partners in all. Masters are hashed, not ranges, because
// under ranges the edges of a graph with locality would all lie in the cells of the diagonal. O(1) per edge, no state.

#include "partition/place/grid_cells.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

class CvcPlacement final : public Placement {
 public:
  explicit CvcPlacement(const PlacementInput& input) : cells_(input.parts, input.weights), seed_(mix(input.seed)) {}

  bool symmetric() const override { return false; }

  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
      parts[i] = cells_(mix(source ^ seed_), mix(target ^ seed_));
    });
  }

  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::uint64_t hash = mix((first + i) ^ seed_);
      parts[i] = cells_(hash, hash);
    }
  }

 private:
  GridCells cells_;
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Placement> make_cvc_placement(const PlacementInput& input) {
  return std::make_unique<CvcPlacement>(input);
}

}  // namespace gasket
