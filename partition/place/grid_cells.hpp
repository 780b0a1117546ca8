#pragma once
// Parts as the cells of a rectangle, for cuts that hash one end of an edge to a row and the other to a column.
//
// With unequal shares the rows have other heights in every column, so that each cell gets just its share of the pairs
// of hashes. A vertex still meets at most one cell per column and those of one column: rows + columns - 1.

#include <numeric>

#include "partition/place/grid_shape.hpp"
#include "partition/place/part_shares.hpp"

namespace gasket {

class GridCells {
 public:
  GridCells(PartId parts, std::span<const double> weights) : shape_(parts), columns_(shape_.columns) {
    if (PartShares(parts, weights).equal()) return;
    std::vector<double> column(shape_.rows), totals;
    for (PartId c = 0; c < shape_.columns; ++c) {
      for (PartId r = 0; r < shape_.rows; ++r) column[r] = weights[r * shape_.columns + c];
      rows_.emplace_back(shape_.rows, column);
      totals.push_back(std::accumulate(column.begin(), column.end(), 0.0));
    }
    columns_ = HashedParts(shape_.columns, totals);
  }

  /// The part where the row of one hash meets the column of another: rows by the upper half, columns by the lower.
  PartId operator()(std::uint64_t row_of, std::uint64_t column_of) const {
    const PartId column = columns_(column_of << 32);
    return (rows_.empty() ? spread(row_of, shape_.rows) : rows_[column](row_of)) * shape_.columns + column;
  }

 private:
  GridShape shape_;
  HashedParts columns_;
  std::vector<HashedParts> rows_;  // of each column; none when all cells are equal
};

}  // namespace gasket
