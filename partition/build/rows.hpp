#pragma once
// Sorts the arcs of a rank into compressed rows.

#include "partition/build/arcs.hpp"
#include "partition/graph/adjacency.hpp"

namespace gasket {

enum class RowKey { target, source };

/// Rows of `arcs` (local ids) keyed by target (neighbours are sources) or by source; consumes the arcs. Neighbours
/// ascend in a row, equal ones by weight. With `drop_duplicates` only the first of equal neighbours stays: of parallel
/// edges the lightest. The result does not depend on the number of threads.
///
/// Two-level radix sort: arcs are dealt into buckets of rows that fit a core's cache, then each bucket is sorted there
/// by row and neighbour. O(arcs); 8 bytes per arc (16 with weights) beside the arcs themselves, which are freed as they
/// are dealt, then 4 (12) per arc for the rows.
Adjacency build_rows(Arcs&& arcs, LocalId rows, RowKey key, bool weighted, bool drop_duplicates);

/// The same arcs keyed by the other end. Same method and cost; the given rows stay.
Adjacency transpose(const Adjacency& rows);

}  // namespace gasket
