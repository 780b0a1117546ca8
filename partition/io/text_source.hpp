#pragma once
// Text files as a source of edges: edge lists as SNAP, KONECT and spreadsheets write them, LDBC's pairs of a vertex and
// an edge file, Matrix Market, DIMACS, METIS, adjacency lists; plain, gzip or zstd. What a line of an edge list may hold
// is in text/line.hpp; the other formats have a header each in text/.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "partition/io/edge_source.hpp"

namespace gasket {

enum class TextFormat {
  automatic,      // what the name says, or the first bytes; else snap
  snap,           // one file of edges
  tsv,            // the same
  csv,            // the same; the first line may be a header
  ldbc,           // vertices in NAME.v, edges in NAME.e, perhaps properties in NAME.properties
  matrix_market,  // .mtx
  dimacs,         // .gr, shortest paths
  metis,          // .graph, .metis
  adjacency,      // .adjlist
};

struct TextOptions {
  std::string path;  // for ldbc: NAME, NAME.v, NAME.e or NAME.properties; files may end in .gz or .zst
  TextFormat format = TextFormat::automatic;
  /// Read weights, when the format says that there are any; of an edge list, when the first edge has a third column. Then
  /// every edge needs one, and else none may have one.
  bool read_weights = false;
  /// A line with a negative weight is bad; or only if it is no self loop.
  bool refuse_negative = false;
  bool but_self_loops = false;
  /// Ids are strings; only of edge lists and adjacency lists.
  bool names = false;
  /// Bytes of text that a worker reads and parses at a time. Memory per worker: this, and the edges of one block.
  std::size_t block_bytes = std::size_t{4} << 20;
};

/// Opens a text source on this rank; every rank opens the same one with its own share. Reads no more than the beginning
/// of the files. Plain files are split by bytes; of a compressed file every rank decompresses all and parses its part.
///
/// Throws UsageError where options.names does not go with the format; InputError, with the path: a file is missing, a directory, unreadable or empty, or is damaged or not text at
/// its beginning. Reading throws InputError "PATH:LINE: expected ..., found '...'" for a line that is not an edge; and
/// for a compressed file that is truncated, damaged, or followed by something else.
std::unique_ptr<EdgeSource> open_text(const TextOptions& options, Share share);

/// The files that open_text may read for a path: itself, or those of an LDBC graph.
std::vector<std::string> text_files_of(const std::string& path);

/// The format that a file of that name is taken for, were there nothing but the name: an edge list (snap) unless the ending
/// says something else.
TextFormat text_format_of_name(const std::string& path);

/// The format of that name (auto, snap, tsv, csv, ldbc, mtx, dimacs, metis, adjlist), or UsageError with the names
/// allowed.
TextFormat parse_text_format(const std::string& name);

}  // namespace gasket
