#pragma once
// Cuts rows into blocks of about equal work, to be dealt to workers: prefix sums of the degrees are there already, so a
// block ends at a binary search. A row too long for one worker is cut into pieces.

#include <algorithm>
#include <array>
#include <vector>

#include "partition/graph/adjacency.hpp"

namespace gasket {

/// One or two sets of rows of the same vertices: two when values flow both ways over directed arcs. The second is null
/// otherwise; both are where there is nothing to read.
using RowSets = std::array<const Adjacency*, 2>;

/// Arcs of a vertex in all sets.
inline EdgeCount degree(const RowSets& sets, LocalId v) {
  return (sets[0] != nullptr ? sets[0]->degree(v) : 0) + (sets[1] != nullptr ? sets[1]->degree(v) : 0);
}

struct RowBlock {
  LocalId begin;
  LocalId end;
};

/// Arcs begin .. end-1 of a row, which is in one of the sets.
struct RowPiece {
  const Adjacency* rows;
  LocalId row;
  EdgeCount begin;
  EdgeCount end;
};

struct RowCut {
  std::vector<RowBlock> blocks;
  std::vector<RowPiece> pieces;  // those of one row follow each other
};

/// Arcs in a block or piece; a row of four times as many is cut.
inline constexpr EdgeCount kBlockArcs = EdgeCount{1} << 16;

/// Cuts rows begin .. end-1 into blocks of about `work` arcs plus rows each, and pieces. Rows without arcs at the end
/// are in the last block.
inline RowCut cut_rows(const RowSets& sets, LocalId begin, LocalId end, EdgeCount work = kBlockArcs) {
  RowCut cut;
  const auto cost = [&](LocalId v) { return v + sets[0]->offsets[v] + (sets[1] != nullptr ? sets[1]->offsets[v] : 0); };
  const auto block = [&](LocalId from, LocalId to) {
    if (from < to) cut.blocks.push_back({from, to});
  };
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
    if (const LocalId last = low - 1; degree(sets, last) > 4 * work) {
      block(begin, last);
      for (const Adjacency* rows : sets)
        if (rows != nullptr)
          for (EdgeCount at = rows->offsets[last]; at < rows->offsets[last + 1]; at += work)
            cut.pieces.push_back({rows, last, at, std::min(at + work, rows->offsets[last + 1])});
    } else {
      block(begin, low);
    }
    begin = low;
  }
  return cut;
}

}  // namespace gasket
