#pragma once
// Blocks dealt to parts in turns: equal parts once a turn; unequal ones about 16 times a part, in proportion to their
// shares and interleaved.

#include "partition/place/part_shares.hpp"

namespace gasket {

class DealtTurns {
 public:
  explicit DealtTurns(PartId parts, std::span<const double> weights = {}) : length_(parts) {
    const PartShares shares(parts, weights);
    if (shares.equal()) return;
    length_ = 16 * parts;
    // Whose turn it is: whoever had its next block due first, were they dealt without end (earliest deadline first).
    struct Due {
      double when;
      PartId part;
    };
    const auto later = [](const Due& a, const Due& b) { return a.when != b.when ? a.when > b.when : a.part > b.part; };
    std::vector<Due> queue;
    for (PartId q = 0; q < parts; ++q) queue.push_back({0.5 / shares[q], q});
    std::ranges::make_heap(queue, later);
    for (PartId i = 0; i < length_; ++i) {
      std::ranges::pop_heap(queue, later);
      Due& next = queue.back();
      turn_.push_back(static_cast<std::uint16_t>(next.part));
      next.when += 1 / shares[next.part];
      std::ranges::push_heap(queue, later);
    }
  }

  /// Blocks in a turn.
  PartId length() const { return length_; }
  /// Who gets block i of a turn.
  PartId operator[](PartId i) const { return turn_.empty() ? i : turn_[i]; }

 private:
  PartId length_;
  std::vector<std::uint16_t> turn_;
};

}  // namespace gasket
