#pragma once
// From a block of whole lines to edges where a line is a vertex and its neighbours: adjacency lists and METIS files.
// Lines may be of any length: a hub is one line.

#include <cstdint>

#include "partition/io/edge_chunk.hpp"
#include "partition/io/text/block_parser.hpp"

namespace gasket::text {

/// A line may have as many bytes as this; a worker holds a whole line.
inline constexpr std::size_t kLongestAdjacency = std::size_t{1} << 32;

/// Lines `u v1 v2 ...` or `u: v1 v2 ...`: edges from u. Blank lines and comments are skipped.
struct AdjacencyBlock {
  EdgeChunk edges;
  BigArray<ExternalId> lone;  // vertices whose lines have no neighbour
};
/// Throws BadLine.
AdjacencyBlock parse_adjacency(const Block& block);

/// What a METIS file has on the line of a vertex: [size] [weights ...] (neighbour [weight]) ...
struct MetisLines {
  std::uint64_t vertices = 0;
  std::uint64_t skipped = 0;  // numbers in front of the neighbours
  bool weights = false;       // a weight behind every neighbour
  bool refuse_negative = false;
  bool but_self_loops = false;
};

/// Of the lines of a block. An edge {u, v} stands on the lines of u and of v; it is delivered from that of the smaller.
struct MetisBlock {
  EdgeChunk edges;            // with weights, when the lines have them
  std::uint64_t listed = 0;   // neighbours
  std::uint64_t loops = 0;    // of these, the vertex itself
  std::uint64_t balance = 0;  // hashes of the edges seen from their smaller end, minus those seen from the other:
                              // the sum over all blocks is 0 when every edge stands on both lines
};
/// block.before: vertices in front of the block. Throws BadLine.
MetisBlock parse_metis(const Block& block, const MetisLines& lines);

/// Lines of the block that stand for a vertex: all but comments, which begin with '%'.
std::uint64_t count_metis_vertices(const Block& block);

}  // namespace gasket::text
