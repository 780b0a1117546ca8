#pragma once
// Where each row begins among the arcs: 4 bytes per row, counted from the begin of its group of 4096 rows, and 8 bytes
// per group. On graphs with few arcs per vertex the offsets are a good part of what a sweep reads.

#include <cstdint>

#include "partition/big_array.hpp"
#include "partition/prefetch.hpp"
#include "partition/types.hpp"

namespace gasket {

class RowOffsets {
 public:
  RowOffsets() = default;
  /// From the lengths of the rows; `lengths` has one entry more than there are rows, for the end. Throws ResourceError
  /// when 4096 consecutive rows have 2^32 arcs or more.
  explicit RowOffsets(BigArray<std::uint32_t> lengths);

  LocalId rows() const { return within_.empty() ? 0 : static_cast<LocalId>(within_.size() - 1); }
  /// Begin of a row, for row 0 .. rows(): the last is the number of arcs.
  EdgeCount operator[](std::size_t row) const { return groups_[row >> kGroupBits] + within_[row]; }
  /// Arcs of the longest row.
  std::uint32_t longest() const { return longest_; }
  /// Whether rows begin .. end-1, of which there are some, are all as long as the first; false also where they lie in
  /// several groups.
  bool are_even(std::size_t begin, std::size_t end) const {
    if (begin >> kGroupBits != end >> kGroupBits) return false;
    const std::uint32_t* const at = within_.data();
    const std::uint32_t length = at[begin + 1] - at[begin];
    if (at[end] - at[begin] != length * (end - begin)) return false;
    std::uint32_t uneven = 0;
    for (std::size_t row = begin; row < end; ++row) uneven |= (at[row + 1] - at[row]) ^ length;
    return uneven == 0;
  }
  /// Asks for an offset that will be read soon.
  void fetch(std::size_t row) const { prefetch(within_.data() + row); }

 private:
  static constexpr int kGroupBits = 12;

  BigArray<std::uint32_t> within_;
  BigArray<EdgeCount> groups_;
  std::uint32_t longest_ = 0;
};

}  // namespace gasket
