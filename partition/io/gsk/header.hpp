#pragma once
// The layout of a .gsk file, version 3. All numbers are little-endian; nothing in the file is unchecked.
//
//   header     256 bytes, with a checksum of itself
//   ids        u64 * vertices, ascending: what the input called each vertex. Empty when the vertices are 0 .. n-1
//   order      u32 (u64 when there are more than 2^32 vertices) * vertices: which vertex each row is of, counted in
//              ascending order of ids. Empty when rows are in that order
//   offsets    u64 * (vertices + 1): row r has the arcs offsets[r] .. offsets[r+1]-1
//   weights    f64 * arcs. Empty when the graph has none
//   columns    u32 (u64 as above) * arcs: the row of the target of each arc, ascending within a row
//   name ends  u64 * vertices: where in the names that of each vertex ends. Empty when ids are numbers
//   names      the characters of all names, which ascend by bytes
//   checksums  u64 for each block of 1 MiB of each section, in the order of the sections; the header has theirs
//
// A row is a source. Rows are in the order that an engine on one rank wants (vertex_order.hpp), so that it can use them
// as they lie; of the degree order only the header says that it is one. An undirected graph has both arcs of an edge,
// and a self loop once. Vertices that are called by strings are 0 .. n-1 in the order of their names. Sections follow
// each other without a gap, and each starts a new block, so that any part can be read, and checked, on its own.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "partition/types.hpp"

namespace gasket {

/// What a writer must know before the first row, and a reader knows after opening.
struct GskFacts {
  std::uint64_t vertices = 0;
  EdgeCount arcs = 0;  // undirected: both arcs of an edge, a self loop once
  bool directed = true;
  bool weighted = false;
  bool dense_ids = true;         // vertices are called 0 .. vertices-1
  bool by_degree = false;        // rows are in the degree order
  bool named = false;            // vertices are called by strings; then also dense_ids
  std::uint64_t name_bytes = 0;  // characters of all names

  bool operator==(const GskFacts&) const = default;
};

namespace gsk {

inline constexpr std::size_t kHeaderBytes = 256;
/// The first bytes; a transfer that changes line ends, or strips the eighth bit, spoils them.
inline constexpr std::string_view kMagic = "\x89GSK\r\n\x1a\n";
/// Small enough for a block to stay in a core's cache between reading, checking and use.
inline constexpr std::uint64_t kBlockBytes = std::uint64_t{1} << 20;

enum Section : std::size_t { kIds, kOrder, kOffsets, kWeights, kColumns, kNameEnds, kNames, kSections };

/// Where everything is; follows from the facts.
struct Layout {
  struct Range {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::uint64_t first_block = 0;  // in the checksum table

    std::uint64_t blocks() const { return (bytes + kBlockBytes - 1) / kBlockBytes; }
  };
  Range sections[kSections];
  Range table;
  std::uint64_t file_bytes = 0;
  std::uint64_t index_bytes = 4;  // of a column
};

/// The facts must be possible (at most 2^48 vertices, 2^56 arcs, 2^56 characters of names).
Layout lay_out(const GskFacts& facts);
bool possible(const GskFacts& facts);

/// XXH3, 64 bits.
std::uint64_t checksum(std::span<const char> bytes);

struct Header {
  GskFacts facts;
  EdgeCount edges = 0;
  std::uint64_t table_checksum = 0;
};

/// Writes kHeaderBytes.
void encode(const Header& header, std::span<char> bytes);
/// Reads what encode wrote. `bytes` are the first of the file, at most kHeaderBytes; `size` is that of the whole file.
/// Throws InputError, beginning with `path`: not a .gsk file, another version, damaged, truncated, extended.
Header decode(std::span<const char> bytes, std::uint64_t size, const std::string& path);

}  // namespace gsk
}  // namespace gasket
