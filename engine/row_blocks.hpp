#pragma once
// Cuts rows into blocks of about equal work, to be dealt to workers: prefix sums of the degrees are there already, so a
// block ends at a binary search.

#include <algorithm>
#include <vector>

#include "partition/graph/adjacency.hpp"

namespace gasket {

struct RowBlock {
  LocalId begin;
  LocalId end;
};

/// Blocks of rows begin .. end-1 with about `work` arcs plus rows each. A row longer than that is a block of its own.
inline std::vector<RowBlock> cut_rows(const Adjacency& rows, LocalId begin, LocalId end, EdgeCount work = 1 << 16) {
  std::vector<RowBlock> blocks;
  const auto cost = [&](LocalId v) { return rows.offsets[v] + v; };
  while (begin < end) {
    const EdgeCount limit = cost(begin) + work;
    LocalId low = begin + 1, high = end;
    while (low < high) {
      const LocalId middle = low + (high - low) / 2;
      if (cost(middle) < limit)
        low = middle + 1;
      else
        high = middle;
    }
    blocks.push_back({begin, low});
    begin = low;
  }
  return blocks;
}

}  // namespace gasket
