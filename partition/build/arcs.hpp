#pragma once
// The edges that the placement gave to this rank, on their way to compressed rows.

#include <vector>

#include "partition/io/edge_chunk.hpp"

namespace gasket {

struct Arcs {
  std::vector<EdgeChunk> blocks;  // global ids; local ids (narrow) once local_ids has seen them
  /// Each edge stands for its two arcs (a self loop for one): undirected edges under a symmetric placement.
  bool both_ways = false;

  /// Calls visit(source, target, weight index) for every arc of one block.
  template <class Visit>
  void for_each_arc(const EdgeChunk& block, const Visit& visit) const {
    if (both_ways)
      block.for_each([&](auto s, auto t, std::size_t i) {
        visit(s, t, i);
        if (s != t) visit(t, s, i);
      });
    else
      block.for_each(visit);
  }
};

}  // namespace gasket
