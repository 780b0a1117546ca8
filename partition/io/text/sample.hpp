#pragma once
// What a text file will hold, guessed from a few pieces of it: for estimates of memory.

#include "partition/io/edge_source.hpp"
#include "partition/io/text/text_file.hpp"

namespace gasket::text {

/// `neighbours`: a line is a vertex and its neighbours, else an edge. Reads a megabyte or two; of a compressed file the
/// beginning, which is also where its ratio is from. Throws as reading does.
SourceSize sample_size(const TextFile& text, bool neighbours);

}  // namespace gasket::text
