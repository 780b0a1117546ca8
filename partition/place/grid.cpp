// Grid, a constrained two-dimensional vertex cut (Jain, Liao, Willke: GraphBuilder, GRADES 2013; PowerGraph's "grid"):
// the parts are the cells of a rectangle, a vertex hashes to a cell and may have copies only in that cell's row and
// column, and an edge goes to one of the two cells where the row of one end meets the column of the other. Copies of a
// vertex: at most rows + columns - 1, so about 2 sqrt(p), and as many partners. Where p is prime the rectangle is one
// row and nothing is gained over random. O(1) per edge, no state.

#include <algorithm>

#include "partition/place/grid_cells.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

class GridPlacement final : public Placement {
 public:
  explicit GridPlacement(const PlacementInput& input) : cells_(input.parts, input.weights), seed_(mix(input.seed)) {}

  bool symmetric() const override { return true; }

  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
      const auto [low, high] = std::minmax(source, target);
      const std::uint64_t a = mix(low ^ seed_), b = mix(high ^ seed_);
      const bool first = (mix(a + high) & 1) != 0;
      parts[i] = first ? cells_(a, b) : cells_(b, a);
    });
  }

  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::uint64_t hash = mix((first + i) ^ seed_);
      parts[i] = cells_(hash, hash);
    }
  }
  bool masters_follow_edges() const override { return true; }

 private:
  GridCells cells_;
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Placement> make_grid_placement(const PlacementInput& input) {
  return std::make_unique<GridPlacement>(input);
}

}  // namespace gasket
