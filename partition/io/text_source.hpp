#pragma once
// Text files as a source of edges: edge lists as SNAP, KONECT and spreadsheets write them, and LDBC's pairs of a vertex
// and an edge file; plain, gzip or zstd. What a line may hold is in text/line.hpp.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "partition/io/edge_source.hpp"

namespace gasket {

/// The grammar of a line is the same in all formats. They differ in two things only.
enum class TextFormat {
  automatic,  // csv or ldbc when the name says so and, for ldbc, both files are there; else snap
  snap,       // one file of edges
  tsv,        // the same
  csv,        // the same; the first line may be a header
  ldbc,       // vertices in NAME.v, edges in NAME.e
};

struct TextOptions {
  std::string path;  // for ldbc: NAME, NAME.v or NAME.e; each file may end in .gz or .zst
  TextFormat format = TextFormat::automatic;
  /// Read the third column as weights, when the first edge has one; then every edge needs one.
  bool read_weights = false;
  /// Bytes of text that a worker reads and parses at a time. Memory per worker: this, and the edges of one block.
  std::size_t block_bytes = std::size_t{4} << 20;
};

/// Opens a text source on this rank; every rank opens the same one with its own share. Reads no more than the beginning
/// of the files. Plain files are split by bytes; of a compressed file every rank decompresses all and parses its part.
///
/// Throws InputError, with the path: a file is missing, a directory, unreadable or empty, or is damaged or not text at
/// its beginning. Reading throws InputError "PATH:LINE: expected ..., found '...'" for a line that is not an edge; and
/// for a compressed file that is truncated, damaged, or followed by something else.
std::unique_ptr<EdgeSource> open_text(const TextOptions& options, Share share);

/// The files that open_text may read for a path: itself, or those of an LDBC graph.
std::vector<std::string> text_files_of(const std::string& path);

/// The format of that name (auto, snap, tsv, csv, ldbc), or UsageError with the names allowed.
TextFormat parse_text_format(const std::string& name);

}  // namespace gasket
