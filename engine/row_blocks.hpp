#pragma once
// Cuts rows into blocks of about equal work, to be dealt to workers: prefix sums of the degrees are there already, so a
// block ends at a binary search. A row too long for one worker is cut into pieces.

#include <algorithm>
#include <array>
#include <vector>

#include "partition/graph/adjacency.hpp"

namespace gasket {

/// One or two sets of rows of the same vertices: two when values flow both ways over directed arcs. The second is null
/// otherwise; both are where there is nothing to read. Who walks the rows of a frontier passes a first that is not null.
using RowSets = std::array<const Adjacency*, 2>;

/// Arcs of a vertex in all sets.
inline EdgeCount degree(const RowSets& sets, LocalId v) {
  return (sets[0] != nullptr ? sets[0]->degree(v) : 0) + (sets[1] != nullptr ? sets[1]->degree(v) : 0);
}

/// Arcs of the rows before v, in all sets.
inline EdgeCount arcs_before(const RowSets& sets, LocalId v) {
  return (sets[0] != nullptr ? sets[0]->offsets[v] : 0) + (sets[1] != nullptr ? sets[1]->offsets[v] : 0);
}

/// No vertex has more arcs in all sets.
inline EdgeCount longest_row(const RowSets& sets) {
  return EdgeCount{sets[0] != nullptr ? sets[0]->offsets.longest() : 0} +
         (sets[1] != nullptr ? sets[1]->offsets.longest() : 0);
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

/// Arcs in a block or piece; a row of more than kLongRow is cut.
inline constexpr EdgeCount kBlockArcs = EdgeCount{1} << 16;
inline constexpr EdgeCount kLongRow = 4 * kBlockArcs;

/// The first row in begin+1 .. end by which rows begin .. have `work` arcs and rows.
inline LocalId find_block_end(const RowSets& sets, LocalId begin, LocalId end, EdgeCount work) {
  const auto cost = [&](LocalId v) { return v + arcs_before(sets, v); };
  const EdgeCount limit = cost(begin) + work;
  LocalId low = begin + 1, high = end;
  while (low < high) {
    const LocalId middle = low + (high - low) / 2;
    if (cost(middle) < limit)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

inline void cut_long_row(const RowSets& sets, LocalId row, std::vector<RowPiece>& pieces) {
  for (const Adjacency* rows : sets)
    if (rows != nullptr)
      for (EdgeCount at = rows->offsets[row]; at < rows->offsets[row + 1]; at += kBlockArcs)
        pieces.push_back({rows, row, at, std::min(at + kBlockArcs, rows->offsets[row + 1])});
}

/// Blocks of rows begin .. end-1 of about `work` arcs and rows each; a longer row is a block of its own.
inline std::vector<RowBlock> cut_into_blocks(const RowSets& sets, LocalId begin, LocalId end,
                                             EdgeCount work = kBlockArcs) {
  std::vector<RowBlock> blocks;
  while (begin < end) {
    const LocalId next = find_block_end(sets, begin, end, work);
    blocks.push_back({begin, next});
    begin = next;
  }
  return blocks;
}

/// Cuts rows begin .. end-1 into blocks of about kBlockArcs, and long rows into pieces instead.
inline RowCut cut_rows(const RowSets& sets, LocalId begin, LocalId end) {
  RowCut cut;
  const auto block = [&](LocalId from, LocalId to) {
    if (from < to) cut.blocks.push_back({from, to});
  };
  while (begin < end) {
    const LocalId next = find_block_end(sets, begin, end, kBlockArcs);
    if (degree(sets, next - 1) > kLongRow) {
      block(begin, next - 1);
      cut_long_row(sets, next - 1, cut.pieces);
    } else {
      block(begin, next);
    }
    begin = next;
  }
  return cut;
}

/// The same with blocks that end at multiples of 64, so that no two of them share a word of a bitmap, and with those
/// that have no arcs left out. Long rows are in the blocks too: whoever cuts them passes them over there.
inline RowCut cut_rows_by_words(const RowSets& sets, LocalId begin, LocalId end) {
  RowCut cut;
  const EdgeCount longest = longest_row(sets);
  while (begin < end) {
    const LocalId reached = find_block_end(sets, begin, end, kBlockArcs);
    const auto next = static_cast<LocalId>(std::min<std::uint64_t>((std::uint64_t{reached} + 63) / 64 * 64, end));
    if (longest > kLongRow)
      for (LocalId v = begin; v < next; ++v)
        if (degree(sets, v) > kLongRow) cut_long_row(sets, v, cut.pieces);
    if (arcs_before(sets, begin) < arcs_before(sets, next)) cut.blocks.push_back({begin, next});
    begin = next;
  }
  return cut;
}

}  // namespace gasket
