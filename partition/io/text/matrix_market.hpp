#pragma once
// Matrix Market coordinate files as graphs: an entry (i, j) is an edge from i to j. Vertices are the rows, 1 .. n, also
// those without an entry.
//
// A general matrix is a directed graph. A symmetric one lists its lower triangle and is an undirected graph, with or
// without --undirected: each entry is one edge. A skew-symmetric one is directed: each entry stands for two arcs, with
// weights w and -w.

#include <memory>

#include "partition/io/text/line_source.hpp"

namespace gasket::text {

/// Throws InputError for what is no such file: arrays, complex numbers, matrices that are not square.
std::unique_ptr<EdgeSource> open_matrix_market(const std::string& path, Reading reading, bool read_weights);

inline constexpr std::string_view kMatrixMarketBanner = "%%MatrixMarket";

}  // namespace gasket::text
