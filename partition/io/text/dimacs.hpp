#pragma once
// DIMACS shortest path files (.gr): comments `c ...`, one line `p sp VERTICES ARCS`, then arcs `a SOURCE TARGET WEIGHT`.
// Vertices are 1 .. n, also those without an arc; arcs are directed, and a road network lists both of each road.

#include <memory>

#include "partition/io/text/line_source.hpp"

namespace gasket::text {

/// Throws InputError for what is no such file, and for DIMACS files of other problems.
std::unique_ptr<EdgeSource> open_dimacs(const std::string& path, Reading reading, bool read_weights);

}  // namespace gasket::text
