#pragma once
// From a block of whole lines to edges. Lines of the usual shape, two short ids and perhaps a short weight, take a path
// without loops (digits.hpp); all others are read by line.hpp. Both accept exactly the same lines.

#include <cstddef>
#include <cstdint>

#include "partition/io/edge_chunk.hpp"
#include "partition/io/text/bad_line.hpp"
#include "partition/io/text/line.hpp"

namespace gasket::text {

/// Bytes behind a block that must be readable; what they are does not matter.
inline constexpr std::size_t kBlockPadding = 64;

/// Whole lines: empty, or the last byte is '\n', with kBlockPadding readable bytes behind it.
struct Block {
  const char* begin = nullptr;
  const char* end = nullptr;
  std::uint64_t before = 0;  // lines of interest before it in the whole text, where a Numbering counts them

  std::size_t size() const { return static_cast<std::size_t>(end - begin); }
};

/// Number of '\n' in the text. 10 GB/s and more.
std::size_t count_lines(const char* begin, const char* end);

/// The edges of the block, in its order, in memory that is exactly as large as they need when there are no other lines.
/// Throws BadLine.
EdgeChunk parse_edges(const Block& block, EdgeGrammar grammar);
inline EdgeChunk parse_edges(const Block& block, bool weighted) {
  return parse_edges(block, {.third = weighted ? Third::weight : Third::ignored});
}

/// The first column of each line. Throws BadLine.
BigArray<ExternalId> parse_vertices(const Block& block);

}  // namespace gasket::text
