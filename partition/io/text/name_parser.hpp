#pragma once
// Edge lists and adjacency lists whose ids are strings: any characters but separators. In double quotes, which are taken
// off, an id may not have separators either.

#include "partition/graph/name_table.hpp"
#include "partition/io/edge_chunk.hpp"
#include "partition/io/text/block_parser.hpp"

namespace gasket::text {

/// Lines `source separator target [separator weight] ...`; ends are the table's numbers. Throws BadLine.
EdgeChunk parse_named_edges(const Block& block, Third third, NameTable& names);

/// Lines `u v1 v2 ...` or `u: v1 v2 ...`. A vertex without neighbours is in the table, and in no edge. Throws BadLine.
EdgeChunk parse_named_adjacency(const Block& block, NameTable& names);

/// Whether a line of a CSV file is one of column names, where vertices are called by words too: its first two columns are
/// source and target, from and to, src and dst, or begin with these.
bool names_columns(std::string_view line);

}  // namespace gasket::text
