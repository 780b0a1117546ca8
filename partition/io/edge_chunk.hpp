#pragma once
// A few hundred thousand edges on their way from a source to a rank: the unit in which edges are read,
// kept until the placement is known, and freed.

#include <cstdint>
#include <span>

#include "partition/big_array.hpp"
#include "partition/types.hpp"

namespace gasket {

/// Edges as pairs (source, target) of external or global ids, in `narrow` when both fit 32 bits, else in `wide`;
/// exactly one of the two is used. `weights` has one entry per edge, or none when the graph has no weights.
struct EdgeChunk {
  BigArray<std::uint32_t> narrow;  // 2 * size(): source, target, source, target, ...
  BigArray<std::uint64_t> wide;    // the same
  BigArray<double> weights;

  std::size_t size() const { return (narrow.size() + wide.size()) / 2; }
  bool weighted() const { return !weights.empty(); }

  /// Calls visit(source, target, index) for each edge.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t i = 0; i < narrow.size() / 2; ++i)
      visit(std::uint64_t{narrow[2 * i]}, std::uint64_t{narrow[2 * i + 1]}, i);
    for (std::size_t i = 0; i < wide.size() / 2; ++i) visit(wide[2 * i], wide[2 * i + 1], i);
  }
};

/// The same edges the other way round, without self loops, which are their own reverse.
EdgeChunk reversed(const EdgeChunk& chunk);

}  // namespace gasket
