#pragma once
// Sorts the arcs of a rank into compressed rows.

#include "partition/build/arcs.hpp"
#include "partition/graph/adjacency.hpp"

namespace gasket {

enum class RowKey { target, source };

/// Rows of `arcs` (local ids) keyed by target (neighbours are sources) or by source. Neighbours ascend in a row, equal
/// ones by weight. With `drop_duplicates` only the first of equal neighbours stays: of parallel edges the lightest.
/// Counting sort with shared counters: O(arcs), 4 bytes per arc and 8 per vertex beside the arcs themselves.
Adjacency build_rows(const Arcs& arcs, LocalId rows, RowKey key, bool weighted, bool drop_duplicates);

}  // namespace gasket
