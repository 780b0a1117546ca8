// Contiguous ranges of vertices (Zhu et al., Gemini, OSDI 2016, section 3.2): each part masters a range of ids, cut so
// that in-degree + alpha is balanced; an edge goes to the master of its target (in-edge cut: a gather finds all its
// edges at the master). Keeps whatever locality the ids have. O(log p) per edge.
//
// Gemini takes alpha = 8 (p - 1), which on graphs of low degree balances vertices and leaves one part with twice the
// edges of the others; alpha here is what a vertex costs in a superstep beside its edges, about 4 of them.

#include <algorithm>

#include "partition/place/part_shares.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

class ContiguousPlacement final : public Placement {
 public:
  explicit ContiguousPlacement(const PlacementInput& input) {
    constexpr std::uint64_t alpha = 4;
    std::uint64_t total = 0;
    for (GlobalId v = 0; v < input.vertices; ++v) total += input.degrees[v] + alpha;
    // A part ends where its share of the weight, and those before it, are reached.
    const PartShares shares(input.parts, input.weights);
    const double share = static_cast<double>(total) / input.parts;
    double wanted = share * shares[0];
    std::uint64_t reached = 0;
    for (GlobalId v = 0; v < input.vertices; ++v) {
      reached += input.degrees[v] + alpha;
      while (ends_.size() + 1 < input.parts && static_cast<double>(reached) >= wanted) {
        ends_.push_back(v + 1);
        wanted += share * shares[static_cast<PartId>(ends_.size())];
      }
    }
    ends_.resize(input.parts - 1, input.vertices);
  }

  bool symmetric() const override { return false; }

  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    chunk.for_each([&](GlobalId, GlobalId target, std::size_t i) { parts[i] = part_of(target); });
  }

  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = part_of(first + i);
  }

 private:
  PartId part_of(GlobalId vertex) const {
    return static_cast<PartId>(std::ranges::upper_bound(ends_, vertex) - ends_.begin());
  }

  std::vector<GlobalId> ends_;  // one past the last vertex of each part but the last
};

}  // namespace

std::unique_ptr<Placement> make_contiguous_placement(const PlacementInput& input) {
  return std::make_unique<ContiguousPlacement>(input);
}

}  // namespace gasket
