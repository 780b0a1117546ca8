// Contiguous ranges of vertices (Zhu et al., Gemini, OSDI 2016, section 3.2): each part masters a range of ids, cut so
// that in-degree + alpha is balanced; an edge goes to the master of its target (in-edge cut: a gather finds all its
// edges at the master). Keeps whatever locality the ids have. O(log p) per edge.
//
// Block-cyclic: the same with several ranges per part, dealt in turn. What moves over a graph of locality from neighbour to
// neighbour, as a search does, is in one place at a time: with one range per part it is seldom on all parts. Its ghosts are
// more, at the ends of more ranges.
//
// Gemini takes alpha = 8 (p - 1), which on graphs of low degree balances vertices and leaves one part with twice the
// edges of the others; alpha here is what a vertex costs in a superstep beside its edges, about 4 of them.

#include <algorithm>
#include <utility>

#include "partition/place/part_shares.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

class ContiguousPlacement final : public Placement {
 public:
  ContiguousPlacement(const PlacementInput& input, PartId ranges_per_part) : parts_(input.parts) {
    constexpr std::uint64_t alpha = 4;
    std::uint64_t total = 0;
    for (GlobalId v = 0; v < input.vertices; ++v) total += input.degrees[v] + alpha;
    // A range ends where its share of the weight, and those before it, are reached. What a part has too much or too little
    // after its last range, as a hub is not cut, is taken from its next one.
    const PartShares shares(input.parts, input.weights);
    const std::size_t ranges = std::size_t{parts_} * ranges_per_part;
    const double share = static_cast<double>(total) / static_cast<double>(ranges);
    std::vector<double> owed(parts_);
    double wanted = share * shares[0];
    std::uint64_t reached = 0, begin = 0;  // weight before the vertex behind v, and before the range
    for (GlobalId v = 0; v < input.vertices; ++v) {
      reached += input.degrees[v] + alpha;
      while (ends_.size() + 1 < ranges && static_cast<double>(reached) >= wanted) {
        const auto part = static_cast<PartId>(ends_.size() % parts_);
        owed[part] += share * shares[part] - static_cast<double>(reached - std::exchange(begin, reached));
        ends_.push_back(v + 1);
        const auto next = static_cast<PartId>(ends_.size() % parts_);
        wanted += std::max(0.0, share * shares[next] + owed[next]);
      }
    }
    ends_.resize(ranges - 1, input.vertices);
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
    const auto range = static_cast<std::size_t>(std::ranges::upper_bound(ends_, vertex) - ends_.begin());
    return static_cast<PartId>(range % parts_);
  }

  PartId parts_;
  std::vector<GlobalId> ends_;  // one past the last vertex of each range but the last
};

}  // namespace

std::unique_ptr<Placement> make_contiguous_placement(const PlacementInput& input) {
  return std::make_unique<ContiguousPlacement>(input, 1);
}

std::unique_ptr<Placement> make_block_cyclic_placement(const PlacementInput& input) {
  return std::make_unique<ContiguousPlacement>(input, input.ranges);
}

}  // namespace gasket
