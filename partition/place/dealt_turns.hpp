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
    // Whose turn it is: who is furthest behind its share (smooth weighted round-robin).
    std::vector<double> behind(parts);
    for (PartId i = 0; i < length_; ++i) {
      for (PartId q = 0; q < parts; ++q) behind[q] += shares[q] / parts;
      const auto next = std::ranges::max_element(behind);
      *next -= 1;
      turn_.push_back(static_cast<std::uint16_t>(next - behind.begin()));
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
