#pragma once
// Serialized graphs of the GAP benchmark suite (.sg, .wsg): rows of 32-bit vertices, little-endian and unaligned.
//
//   directed   1 byte, 0 or 1
//   arcs       i64: entries of one set of rows; undirected: both arcs of an edge
//   vertices   i64
//   offsets    i64 * (vertices + 1)
//   targets    i32 * arcs; .wsg: pairs of an i32 target and an i32 weight
//   and, when directed, offsets and sources of the rows of in-neighbours, which are not read here

#include <memory>
#include <string>

#include "partition/io/edge_source.hpp"

namespace gasket {

/// A rank's share is a contiguous range of the arcs; an undirected edge is delivered once. `has_weights`: a .wsg file.
/// Throws InputError for a file whose size or beginning is not of this format; reading, for rows that are no graph.
std::unique_ptr<EdgeSource> open_gapbs(const std::string& path, Share share, bool has_weights, bool read_weights);

}  // namespace gasket
