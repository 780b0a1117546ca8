#pragma once
// Unequal machines: how much of the graph each part is to get. Strategies that balance edges divide the load of a part
// by its share; strategies that hash send hashes to parts through a table of slots, filled in proportion.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "partition/hash.hpp"
#include "partition/types.hpp"

namespace gasket {

/// What each part is to get, in equal shares: 1 when all are alike. The shares add up to the number of parts.
class PartShares {
 public:
  /// `weights`: positive, one per part, of any scale; none for equal parts.
  explicit PartShares(PartId parts, std::span<const double> weights = {}) : shares_(parts, 1), equal_(true) {
    double total = 0;
    for (const double weight : weights) total += weight;
    for (std::size_t q = 0; q < weights.size(); ++q) {
      shares_[q] = weights[q] * parts / total;
      equal_ = equal_ && weights[q] == weights[0];
    }
    if (equal_) std::ranges::fill(shares_, 1);
  }

  PartId parts() const { return static_cast<PartId>(shares_.size()); }
  bool equal() const { return equal_; }
  double operator[](PartId q) const { return shares_[q]; }

 private:
  std::vector<double> shares_;
  bool equal_;
};

/// The largest of `values`, of parts, each by its part's share, over what it would be if all had just that; 1 is perfect.
inline double balance_of(std::span<const std::uint64_t> values, const PartShares& shares) {
  double total = 0, most = 0;
  for (PartId q = 0; q < shares.parts(); ++q) {
    total += static_cast<double>(values[q]);
    most = std::max(most, static_cast<double>(values[q]) / shares[q]);
  }
  return total == 0 ? 1.0 : most * shares.parts() / total;
}

/// From hashes to parts, in proportion to their shares: straight where they are equal, by 64 slots a part (4096 at
/// least) where they are not.
class HashedParts {
 public:
  explicit HashedParts(PartId parts, std::span<const double> weights = {}) : parts_(parts) {
    const PartShares shares(parts, weights);
    if (shares.equal()) return;
    const std::size_t slots = std::bit_ceil(std::max<std::size_t>(4096, std::size_t{64} * parts));
    shift_ = 64 - std::countr_zero(slots);
    double reached = 0;
    for (PartId q = 0; q < parts; ++q) {
      reached += shares[q] / parts;
      slots_.resize(static_cast<std::size_t>(std::lround(reached * static_cast<double>(slots))),
                    static_cast<std::uint16_t>(q));
    }
    slots_.resize(slots, static_cast<std::uint16_t>(parts - 1));
  }

  PartId operator()(std::uint64_t hash) const { return slots_.empty() ? spread(hash, parts_) : slots_[hash >> shift_]; }

 private:
  PartId parts_;
  int shift_ = 0;
  std::vector<std::uint16_t> slots_;
};

}  // namespace gasket
