#pragma once
// Writes a .gsk file from rows in order, in bounded memory: the place of every section is known from the facts, so each
// is filled block by block.

#include <memory>
#include <span>
#include <string>

#include "partition/graph/name_list.hpp"
#include "partition/io/gsk/header.hpp"

namespace gasket {

class GskWriter {
 public:
  /// Starts a temporary file beside `path`. Throws InputError when it cannot be written there, or with UsageError for
  /// facts beyond the format (2^48 vertices, 2^56 arcs, 2^56 characters of names).
  GskWriter(const std::string& path, const GskFacts& facts);
  /// Removes the temporary file unless finish() has succeeded.
  ~GskWriter();
  GskWriter(const GskWriter&) = delete;
  GskWriter& operator=(const GskWriter&) = delete;

  /// The next external ids, ascending; before, after or between rows; vertices in all. Only when not dense_ids.
  void append_ids(std::span<const ExternalId> ids);
  /// The names of the next vertices, ascending by bytes; like ids. Only when named.
  void append_names(const NameList& names);
  /// The vertices of the next rows (0 .. vertices-1, in ascending order of ids); like ids. Only when by_degree.
  void append_order(std::span<const std::uint64_t> vertices);
  /// The next rows: their degrees, then the targets' rows (0 .. vertices-1) of all their arcs and, when the graph is
  /// weighted, as many weights. An undirected graph has each edge in both rows, a self loop once. O(arcs).
  void append_rows(std::span<const EdgeCount> degrees, std::span<const std::uint64_t> columns,
                   std::span<const double> weights);
  void append_rows(std::span<const EdgeCount> degrees, std::span<const std::uint32_t> columns,
                   std::span<const double> weights);
  /// Checks that all was given, writes checksums and header, syncs, renames.
  void finish();

  // append_* and finish throw ResourceError when the disk is full, and Error (a defect of the caller) for rows or ids
  // that contradict the facts.

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace gasket
