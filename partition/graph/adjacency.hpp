#pragma once
// The arcs of one rank in compressed rows (CSR): for each local vertex its neighbours, ascending by local id.

#include <span>

#include "partition/graph/arc_weights.hpp"
#include "partition/graph/row_offsets.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

struct Adjacency {
  RowOffsets offsets;
  BigArray<LocalId> neighbours;  // arcs()
  ArcWeights weights;            // arcs(), or empty when the graph has no weights
  BigArray<LocalId> leads;       // rows(), or empty: of each row a neighbour of high degree (build/leads.hpp)

  LocalId rows() const { return offsets.rows(); }
  EdgeCount arcs() const { return neighbours.size(); }
  /// Whether one of the rows from `row` on has an arc.
  bool have_arcs_from(LocalId row) const { return offsets[row] < arcs(); }
  /// One past the last row before `end` that has arcs; 0 where none has. O(log rows).
  LocalId end_of_arcs(LocalId end) const {
    LocalId low = 0;
    for (const EdgeCount all = offsets[end]; low < end;) {
      const LocalId middle = low + (end - low) / 2;
      if (offsets[middle] < all)
        low = middle + 1;
      else
        end = middle;
    }
    return low;
  }
  EdgeCount degree(LocalId row) const { return offsets[row + 1] - offsets[row]; }
  std::span<const LocalId> row(LocalId v) const { return {neighbours.data() + offsets[v], degree(v)}; }

  /// Asks for the first arcs of a row, some time before they are read.
  void ask(std::size_t row) const { prefetch(neighbours.data() + offsets[row]); }
  /// The same a little before they are read, where rows are so short that there is nothing else to do meanwhile.
  void load_short(std::size_t row) const {
    if (rows_are_short()) load(row);
  }
  /// Either, where they are asked for once.
  void fetch(std::size_t row) const { rows_are_short() ? load(row) : ask(row); }

 private:
  // Arcs per vertex, from which there is enough to do between two rows that what waits for memory holds up more than
  // it saves.
  static constexpr EdgeCount kShortRows = 8;

  bool rows_are_short() const { return arcs() < kShortRows * rows(); }
  void load(std::size_t row) const {
    if (const EdgeCount at = offsets[row]; at < arcs()) load_early(neighbours.data() + at);
  }
};

}  // namespace gasket
