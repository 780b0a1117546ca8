#pragma once
// The loops over edges: pull (each row takes from its neighbours; no atomics) and push (each vertex gives to its
// neighbours). The same program function is called by both.

#include <array>

#include "engine/bitmap.hpp"
#include "engine/combine.hpp"
#include "engine/program.hpp"
#include "engine/row_blocks.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

/// The value one edge contributes.
template <class P>
typename P::Accum edge_value(const P& program, const EdgeOf<P>& edge) {
  if constexpr (ProgramTraits<P>::gathers)
    return program.gather(edge);
  else
    return program.scatter(edge);
}

/// The edge at position i of `rows` whose giving end has the ghost `from`.
template <class P>
EdgeOf<P> edge_at(const Adjacency& rows, EdgeCount i, const GhostOf<P>& from) {
  if constexpr (ProgramTraits<P>::weighted)
    return {{from}, rows.weights[i]};
  else
    return {{from}, {}};
}

/// One or two sets of rows: two when values flow both ways over directed arcs.
using RowSets = std::array<const Adjacency*, 2>;

/// The sum over one row. Several accumulators break the chain of additions, which else is the loop's length.
template <class P>
typename P::Accum pull_row(const P& program, const Adjacency& rows, LocalId v, const GhostOf<P>* ghosts) {
  using Accum = typename P::Accum;
  const LocalId* const neighbours = rows.neighbours.data();
  EdgeCount i = rows.offsets[v];
  const EdgeCount end = rows.offsets[v + 1];
  const auto value = [&](EdgeCount k) { return edge_value(program, edge_at<P>(rows, k, ghosts[neighbours[k]])); };
  Accum total{};
  if constexpr (sizeof(Accum) <= 16) {
    if (end - i >= 8) {
      Accum second{}, third{}, fourth{};
      for (; i + 4 <= end; i += 4) {
        total += value(i);
        second += value(i + 1);
        third += value(i + 2);
        fourth += value(i + 3);
      }
      total += second;
      third += fourth;
      total += third;
    }
  }
  for (; i < end; ++i) total += value(i);
  return total;
}

/// The sum over the edges of one row whose giving end is in `active`; `any` is set when there was one.
template <class P>
typename P::Accum pull_active(const P& program, const Adjacency& rows, LocalId v, const GhostOf<P>* ghosts,
                              const Bitmap& active, bool& any) {
  typename P::Accum total{};
  for (EdgeCount i = rows.offsets[v]; i < rows.offsets[v + 1]; ++i) {
    const LocalId u = rows.neighbours[i];
    if (!active.contains(u)) continue;
    total += edge_value(program, edge_at<P>(rows, i, ghosts[u]));
    any = true;
  }
  return total;
}

/// Calls give(target, value) for the edges from u.
template <class P, class Give>
void push_row(const P& program, const Adjacency& rows, LocalId u, const GhostOf<P>* ghosts, const Give& give) {
  for (EdgeCount i = rows.offsets[u]; i < rows.offsets[u + 1]; ++i)
    give(rows.neighbours[i], edge_value(program, edge_at<P>(rows, i, ghosts[u])));
}

}  // namespace gasket
