#pragma once
// Adjacency lists, as NetworkX and others write them: a line is a vertex and those it has an edge to, `u v1 v2 ...` or
// `u: v1 v2 ...`. A line with one id is a vertex that may have no edge.

#include <memory>

#include "partition/io/text/line_source.hpp"

namespace gasket::text {

/// `names`: ids are strings.
std::unique_ptr<EdgeSource> open_adjacency_list(const std::string& path, Reading reading, bool names);

}  // namespace gasket::text
