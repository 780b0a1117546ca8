// Degree-based hashing (Xie, Yan, Li, Zhang: Distributed Power-law Graph Computing, NIPS 2014): an edge goes to the
// part that its endpoint of lower degree hashes to, so that the many vertices of low degree stay whole and only hubs
// are copied.
//
// The "hash" deals blocks of 16 consecutive ids (fewer in small graphs) to the parts in turn, because many numberings
// keep neighbours together: at 32 parts a web graph has 1.61 copies per vertex instead of 3.17, a road network 1.63
// instead of 2.04, a social network 3.13 instead of 3.30, balance being the same. O(1) per edge after a pass over the
// degrees; 4 bytes per vertex and 2 per block on every rank while placing.

#include "partition/place/dealt_turns.hpp"
#include "partition/place/strategies.hpp"
#include "partition/prefetch.hpp"

namespace gasket {
namespace {

class DbhPlacement final : public Placement {
 public:
  explicit DbhPlacement(const PlacementInput& input) : degrees_(input.degrees) {
    const DealtTurns turns(input.parts, input.weights);
    while (shift_ < 4 && input.vertices >> (shift_ + 7) >= turns.length()) ++shift_;
    deal_blocks(turns, (input.vertices + (GlobalId{1} << shift_) - 1) >> shift_, mix(input.seed));
  }

  bool symmetric() const override { return true; }

  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    if (chunk.wide.empty())
      place_pairs(chunk.narrow, parts);
    else
      place_pairs(chunk.wide, parts);
  }

  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = part_of(first + i);
  }
  bool masters_follow_edges() const override { return true; }

 private:
  // Degrees are asked for some edges ahead: waiting for them is what takes the time.
  template <class Id>
  void place_pairs(const BigArray<Id>& pairs, std::span<PartId> parts) const {
    constexpr std::size_t ahead = 24;
    const std::size_t last = pairs.size() - 1;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::size_t next = std::min(2 * (i + ahead) + 1, last);
      prefetch(&degrees_[pairs[next - 1]]);
      prefetch(&degrees_[pairs[next]]);
      const GlobalId source = pairs[2 * i], target = pairs[2 * i + 1];
      const std::uint32_t a = degrees_[source], b = degrees_[target];
      // Of two equal degrees the smaller id decides, so that a reversed edge goes the same way. Without a branch, which
      // would be guessed wrong every other time.
      const GlobalId by_source = (a < b) | ((a == b) & (source < target));
      parts[i] = part_of(target ^ ((source ^ target) & (0 - by_source)));
    }
  }
  // Each turn begins at another place of it.
  void deal_blocks(const DealtTurns& turns, GlobalId blocks, std::uint64_t seed) {
    part_of_block_ = BigArray<std::uint16_t>(blocks);
    const PartId length = turns.length();
    for (GlobalId begin = 0, turn = 0; begin < blocks; begin += length, ++turn) {
      const PartId first = spread(mix(turn ^ seed), length);
      for (PartId i = 0; i < length && begin + i < blocks; ++i)
        part_of_block_[begin + i] =
            static_cast<std::uint16_t>(turns[first + i < length ? first + i : first + i - length]);
    }
  }
  PartId part_of(GlobalId vertex) const { return part_of_block_[vertex >> shift_]; }

  std::span<const std::uint32_t> degrees_;
  BigArray<std::uint16_t> part_of_block_;
  int shift_ = 0;
};

}  // namespace

std::unique_ptr<Placement> make_dbh_placement(const PlacementInput& input) {
  return std::make_unique<DbhPlacement>(input);
}

}  // namespace gasket
