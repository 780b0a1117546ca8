#pragma once
// The .gsk format: a graph in rows, checksummed, for fast reloading by any number of ranks. gsk/header.hpp has the
// layout, GskFile reads rows into place, GskWriter writes them, open_gsk gives edges like any other source.

#include <memory>
#include <string>

#include "partition/io/edge_source.hpp"
#include "partition/io/gsk/file.hpp"
#include "partition/io/gsk/writer.hpp"

namespace gasket {

/// A rank's share is a contiguous range of the arcs, the same number (but for one) on every rank; an undirected edge is
/// delivered once, smaller end first. Memory beyond the chunks: 8 bytes per row of the share and, when ids are not
/// dense, 8 per vertex of the whole graph while edges are read. All blocks of the file are checked by one rank or
/// another, but for weights that are not wanted. Throws InputError as GskFile does.
std::unique_ptr<EdgeSource> open_gsk(const std::string& path, Share share, bool read_weights = true);

/// Whether it is a .gsk file whose vertices are called by strings. False for what cannot be read.
bool names_by_strings(const std::string& path);

/// Whether the file begins as a .gsk file does, whatever its name. False for what cannot be read.
bool looks_like_gsk(const std::string& path);

}  // namespace gasket
