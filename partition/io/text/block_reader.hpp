#pragma once
// Hands the text of a file to the workers in blocks of whole lines, the share of one rank.
//
// Plain text is cut by byte ranges, first over ranks, then over workers; a line belongs to the range where it starts.
// Compressed text cannot be entered in the middle: every rank decompresses all of it, one worker at a time while the
// others parse, and keeps each ranks-th block.

#include <cstddef>
#include <functional>
#include <vector>

#include "partition/io/edge_source.hpp"
#include "partition/io/text/block_parser.hpp"
#include "partition/io/text/text_file.hpp"

namespace gasket::text {

/// Parses a block or throws BadLine; called by several workers at once.
using BlockSink = std::function<void(const Block&)>;

/// For formats in which a line's number says what it is about.
struct Numbering {
  /// How many lines of the block count; called by several workers at once.
  std::function<std::uint64_t(const Block&)> count;
  /// Plain text only: how many count before each block of the share, from count_plain and what other ranks have.
  std::vector<std::uint64_t> before;
};

/// Reads the share of a plain text once to count: the lines of interest in each block that read_blocks will give.
std::vector<std::uint64_t> count_plain(const TextFile& text, Share share, std::size_t block_bytes,
                                       const Numbering& numbering);

/// The two ways, by text.compression: see read_blocks.
void read_plain(const TextFile& text, Share share, std::size_t block_bytes, const BlockSink& sink,
                const Numbering* numbering);
void read_compressed(const TextFile& text, Share share, std::size_t block_bytes, const BlockSink& sink,
                     const Numbering* numbering);

/// Calls sink for all lines of the share from text.data_begin on. Local, on all workers. Memory: per worker a block of
/// `block_bytes`, more only for lines that are longer.
/// Throws InputError "FILE:LINE: ..." for the first line of the share that the sink throws a BadLine for (the later
/// blocks may not have been tried), and for compressed text that is truncated or damaged, which goes before any bad
/// line. With a numbering, blocks say what came before them.
inline void read_blocks(const TextFile& text, Share share, std::size_t block_bytes, const BlockSink& sink,
                        const Numbering* numbering = nullptr) {
  (text.compression == Compression::none ? read_plain : read_compressed)(text, share, block_bytes, sink, numbering);
}

}  // namespace gasket::text
