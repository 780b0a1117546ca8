#pragma once
// Edges as plain binary numbers, without a header, little-endian: what Gemini, GridGraph, HEP and 2PS read.
//
//   u32    source, target: u32 each              .bin32, .binedgelist
//   u32w   the same and a weight, f32            .wbin32
//   u64    source, target: u64 each              .bin64
//   u64w   the same and a weight, f64            .wbin64

#include <memory>
#include <string>

#include "partition/io/edge_source.hpp"

namespace gasket {

struct PairFormat {
  std::size_t id_bytes = 4;      // 4 or 8
  std::size_t weight_bytes = 0;  // 0: none; as many as an id
  std::size_t edge_bytes() const { return 2 * id_bytes + weight_bytes; }
};

/// A rank's share is a contiguous range of the edges. Throws InputError for a file that is empty or does not end behind
/// an edge; reading, for a weight that is not a finite number.
std::unique_ptr<EdgeSource> open_pairs(const std::string& path, Share share, PairFormat format, bool read_weights);

}  // namespace gasket
