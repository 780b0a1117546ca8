#pragma once
// Parts as rows and columns.

#include <cmath>

#include "partition/types.hpp"

namespace gasket {

/// The rectangle of exactly `parts` cells that is closest to a square; a prime number of parts is one row.
struct GridShape {
  explicit GridShape(PartId parts) {
    while ((rows + 1) * (rows + 1) <= parts) ++rows;
    while (parts % rows != 0) --rows;
    columns = parts / rows;
  }
  PartId rows = 1;
  PartId columns = 1;
};

}  // namespace gasket
