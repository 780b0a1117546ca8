#pragma once
// Sums over arcs into an array of all local vertices, by all workers: of rows that are too long for one of them, and by
// pushing instead of pulling. takes(v) tells whose sums are wanted.

#include <algorithm>
#include <vector>

#include "engine/combine.hpp"
#include "engine/step.hpp"
#include "engine/traverse.hpp"

namespace gasket {

/// The sums of rows that are cut into pieces.
template <class P, class Takes>
void sum_pieces(const P& program, const std::vector<RowPiece>& pieces, const GhostOf<P>* ghosts,
                typename P::Accum* sums, const Takes& takes) {
  struct Part {  // a vector of bools would be one of bits, which workers share
    typename P::Accum sum{};
  };
  std::vector<Part> parts(pieces.size());
  parallel::for_each_index(pieces.size(), [&](std::size_t i) {
    const RowPiece& piece = pieces[i];
    if (takes(piece.row)) parts[i].sum = pull_any(program, *piece.rows, piece.begin, piece.end, ghosts);
  });
  for (const RowPiece& piece : pieces) sums[piece.row] = typename P::Accum{};
  for (std::size_t i = 0; i < pieces.size(); ++i) sums[pieces[i].row] += parts[i].sum;
}

/// The sums of all of vertices 0 .. locals-1, by their neighbours' rows in `sets`.
template <class P, class Takes>
void push_sums(const P& program, const RowSets& sets, LocalId locals, const GhostOf<P>* ghosts, typename P::Accum* sums,
               const Takes& takes) {
  using Accum = typename P::Accum;
  parallel::for_ranges(locals, kPass,
                       [&](std::size_t begin, std::size_t end) { std::fill(sums + begin, sums + end, Accum{}); });
  const bool alone = parallel::threads() == 1;
  parallel::for_ranges(locals, kPass, [&](std::size_t begin, std::size_t end) {
    for (std::size_t u = begin; u < end; ++u)
      for (const Adjacency* rows : sets)
        if (rows != nullptr)
          push_arcs(program, *rows, rows->offsets[u], rows->offsets[u + 1], ghosts[u],
                    [&](LocalId t, const Accum& value) {
                      if (!takes(t)) return;
                      if (alone)
                        sums[t] += value;
                      else
                        combine_shared(sums[t], value);
                    });
  });
}

}  // namespace gasket
