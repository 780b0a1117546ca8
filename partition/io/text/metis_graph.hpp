#pragma once
// Graph files of METIS (.graph): a header `VERTICES EDGES [FMT [NCON]]`, then a line per vertex with its neighbours. The
// line's number is the vertex, 1 .. n; an empty line is a vertex without edges; lines that begin with '%' are comments.
// The graph is undirected and every edge stands on the lines of both its ends. Sizes and weights of vertices are skipped.
//
// A rank must know how many vertices come before its share: of a plain file all ranks first count the lines of their
// shares, which is ten times as fast as parsing; of a compressed file every rank sees all lines anyway.

#include <memory>

#include "partition/io/text/line_source.hpp"

namespace gasket::text {

/// Throws InputError for a header that is none.
std::unique_ptr<EdgeSource> open_metis(const std::string& path, Reading reading, bool read_weights);

}  // namespace gasket::text
