#pragma once
// The loops over edges: pull (a row takes from its neighbours; no atomics) and push (a vertex gives to its neighbours).
// The same program function is called by both.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "engine/program.hpp"
#include "engine/row_blocks.hpp"
#include "engine/tiled_rows.hpp"
#include "partition/bitmap.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

/// Asks for what the row of v will be read by, some rows before its turn: rows of a frontier lie anywhere in memory. See
/// visit_ahead().
template <class P>
struct FetchAhead {
  const RowSets& sets;
  const GhostOf<P>* ghosts;

  /// Where its row begins and what it gives.
  void vertex(LocalId v) const {
    for_sets([&](const Adjacency& rows) { rows.offsets.fetch(v); });
    prefetch(ghosts + v);
  }
  /// Its first arcs; by a prefetch.
  void ask(LocalId v) const {
    for_sets([&](const Adjacency& rows) {
      rows.ask(v);
      fetch_weights(rows, v);
    });
  }
  /// Once more, shortly before its turn (see Adjacency).
  void load(LocalId v) const {
    for_sets([&](const Adjacency& rows) { rows.load_short(v); });
  }
  /// Its first arcs, where that is all that is asked for.
  void row(std::size_t v) const {
    for_sets([&](const Adjacency& rows) {
      rows.fetch(v);
      fetch_weights(rows, v);
    });
  }

 private:
  static void fetch_weights(const Adjacency& rows, std::size_t v) {
    if constexpr (ProgramTraits<P>::weighted) rows.weights.fetch(rows.offsets[v]);
  }
  template <class Each>
  void for_sets(const Each& each) const {
    each(*sets[0]);
    if (sets[1] != nullptr) each(*sets[1]);
  }
};

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

/// What a neighbour sees of v. Values that are replaced in place are read while others write them: as one word, never torn.
template <class P>
[[gnu::always_inline]] inline decltype(auto) read_ghost(const GhostOf<P>* ghosts, std::size_t v) {
  if constexpr (ProgramTraits<P>::in_place)
    return std::atomic_ref(const_cast<GhostOf<P>&>(ghosts[v])).load(std::memory_order_relaxed);
  else
    return (ghosts[v]);
}

template <class P>
[[gnu::always_inline]] inline void write_ghost(GhostOf<P>* ghosts, std::size_t v, const GhostOf<P>& value) {
  if constexpr (ProgramTraits<P>::in_place)
    std::atomic_ref(ghosts[v]).store(value, std::memory_order_relaxed);
  else
    ghosts[v] = value;
}

/// Makes a loop counter one that the compiler cannot count by. Of a loop over whole numbers it would make one of vector
/// gathers, which take longer than loads one by one; a loop over others stays as it is.
[[gnu::always_inline]] inline void keep_scalar(EdgeCount& k) { asm("" : "+r"(k)); }

/// The sum over arcs i .. end-1. Several accumulators break the chain of additions, which else is the loop's length.
template <class P>
[[gnu::always_inline]] inline typename P::Accum pull_arcs(const P& program, const Adjacency& rows, EdgeCount i,
                                                          EdgeCount end, const GhostOf<P>* ghosts) {
  using Accum = typename P::Accum;
  const LocalId* const neighbours = rows.neighbours.data();
  const auto value = [&](EdgeCount k) {
    return edge_value(program, edge_at<P>(rows, k, read_ghost<P>(ghosts, neighbours[k])));
  };
  const EdgeCount count = end - i;
  Accum total{};
  EdgeCount k = 0;
  if constexpr (sizeof(Accum) <= 16) {
    if (count >= 4) {
      total = value(i);
      Accum second = value(i + 1), third = value(i + 2), fourth = value(i + 3);
      for (k = 4; k + 4 <= count; k += 4) {
        if (!__builtin_constant_p(count)) keep_scalar(k);
        total += value(i + k);
        second += value(i + k + 1);
        third += value(i + k + 2);
        fourth += value(i + k + 3);
      }
      total += second;
      third += fourth;
      total += third;
    }
  }
  for (; k < count; ++k) {
    if (!__builtin_constant_p(count)) keep_scalar(k);
    total += value(i + k);
  }
  return total;
}

/// Arcs that are summed one after the other. More are summed in runs of so many, so that a sum of n terms is rounded about
/// sqrt(n) times on its way, not n times: of floats, sums of very many equal terms would else lose all but three digits.
/// Whole numbers need none, and doubles have digits to spare.
inline constexpr EdgeCount kRunArcs = 1024;
template <class Accum>
inline constexpr bool kSumsInRuns = !std::is_integral_v<Accum> && !std::is_same_v<Accum, double>;

template <class P>
[[gnu::noinline]] typename P::Accum pull_runs(const P& program, const Adjacency& rows, EdgeCount i, EdgeCount end,
                                              const GhostOf<P>* ghosts) {
  typename P::Accum total{};
  while (end - i > kRunArcs) {
    EdgeCount next = i + kRunArcs;
    keep_scalar(next);
    total += pull_arcs(program, rows, i, next, ghosts);
    i = next;
  }
  total += pull_arcs(program, rows, i, end, ghosts);
  return total;
}

/// The sum over arcs i .. end-1, however many.
template <class P>
[[gnu::always_inline]] inline typename P::Accum pull_any(const P& program, const Adjacency& rows, EdgeCount i,
                                                         EdgeCount end, const GhostOf<P>* ghosts) {
  if constexpr (kSumsInRuns<typename P::Accum>)
    if (end - i > kRunArcs) return pull_runs(program, rows, i, end, ghosts);
  return pull_arcs(program, rows, i, end, ghosts);
}

/// The sum over the row of v in all sets.
template <class P>
[[gnu::always_inline]] inline typename P::Accum pull_row(const P& program, const RowSets& sets, LocalId v,
                                                         const GhostOf<P>* ghosts) {
  auto total = pull_any(program, *sets[0], sets[0]->offsets[v], sets[0]->offsets[v + 1], ghosts);
  if (sets[1] != nullptr) total += pull_any(program, *sets[1], sets[1]->offsets[v], sets[1]->offsets[v + 1], ghosts);
  return total;
}

/// The sums over the rows begin .. end-1, of kLength arcs each: the loop over arcs is unrolled. Here and below the program
/// is taken by value: no store can change it.
template <EdgeCount kLength, class P>
void pull_even_rows(const P program, const Adjacency& rows, LocalId begin, LocalId end, const GhostOf<P>* ghosts,
                    typename P::Accum* sums) {
  EdgeCount at = rows.offsets[begin];
  for (LocalId v = begin; v < end; ++v, at += kLength)
    sums[v - begin] = pull_arcs(program, rows, at, at + kLength, ghosts);
}

/// The same for rows of any length, if they are all of one that there is a loop for; else returns false. There must be
/// rows.
template <class P>
bool pull_if_even(const P program, const Adjacency& rows, LocalId begin, LocalId end, const GhostOf<P>* ghosts,
                  typename P::Accum* sums) {
  constexpr EdgeCount kLengths = 9;  // 0 .. 8
  const EdgeCount length = rows.degree(begin);
  if (length >= kLengths || !rows.offsets.are_even(begin, end)) return false;
  [&]<EdgeCount... kLength>(std::integer_sequence<EdgeCount, kLength...>) {
    ((length == kLength ? pull_even_rows<kLength>(program, rows, begin, end, ghosts, sums) : void()), ...);
  }
  (std::make_integer_sequence<EdgeCount, kLengths>());
  return true;
}

/// The sums over the rows begin .. end-1 of one set, added to sums[0 ..] or put there.
template <bool kAdds, class P>
void pull_uneven_rows(const P program, const Adjacency& rows, LocalId begin, LocalId end, const GhostOf<P>* ghosts,
                      typename P::Accum* sums) {
  EdgeCount at = rows.offsets[begin];
  for (LocalId v = begin; v < end; ++v) {
    const EdgeCount row_end = rows.offsets[v + 1];
    const auto sum = pull_any(program, rows, at, row_end, ghosts);
    if constexpr (kAdds)
      sums[v - begin] += sum;
    else
      sums[v - begin] = sum;
    at = row_end;
  }
}

/// Rows that are summed before they are applied, or looked at for being even.
inline constexpr LocalId kRowBatch = 64;

/// The sums over the rows begin .. end-1 of all sets, to sums[0 ..].
template <class P>
void pull_rows(const P program, const RowSets& sets, LocalId begin, LocalId end, const GhostOf<P>* ghosts,
               typename P::Accum* sums) {
  for (; begin < end; begin += std::min(kRowBatch, end - begin), sums += kRowBatch) {
    const LocalId batch_end = begin + std::min(kRowBatch, end - begin);
    if (!pull_if_even(program, *sets[0], begin, batch_end, ghosts, sums))
      pull_uneven_rows<false>(program, *sets[0], begin, batch_end, ghosts, sums);
    if (sets[1] != nullptr) pull_uneven_rows<true>(program, *sets[1], begin, batch_end, ghosts, sums);
  }
}

/// Adds the values of a tile's arcs to their targets' sums; `ghosts` and `sums` begin at the tile's. Eight at a time, so
/// that many loads are under way.
template <class P, class Sum>
void add_tile(const P program, const std::uint32_t* arc, const std::uint32_t* end, const GhostOf<P>* ghosts,
              Sum* sums) {
  const auto value = [&](std::uint32_t a) {
    return edge_value(program, EdgeOf<P>{{read_ghost<P>(ghosts, TiledRows::source(a))}, {}});
  };
  constexpr std::ptrdiff_t kAtOnce = 8;
  for (; end - arc >= kAtOnce; arc += kAtOnce) {
    std::array<typename P::Accum, kAtOnce> values;
    for (std::size_t k = 0; k < kAtOnce; ++k) values[k] = value(arc[k]);
    for (std::size_t k = 0; k < kAtOnce; ++k) sums[TiledRows::target(arc[k])] += values[k];
  }
  for (; arc < end; ++arc) sums[TiledRows::target(*arc)] += value(*arc);
}

/// Adds to `total` the values of arcs i .. end-1 whose giving end is in `active`. Returns whether there was one.
template <class P>
bool pull_active(const P& program, const Adjacency& rows, EdgeCount i, EdgeCount end, const GhostOf<P>* ghosts,
                 const Bitmap& active, typename P::Accum& total) {
  bool any = false;
  for (; i < end; ++i) {
    const LocalId u = rows.neighbours[i];
    if (!active.contains(u)) continue;
    total += edge_value(program, edge_at<P>(rows, i, ghosts[u]));
    any = true;
  }
  return any;
}

/// The first of arcs i .. end-1 whose giving end is in `active`, or end.
inline EdgeCount find_active(const Adjacency& rows, EdgeCount i, EdgeCount end, const Bitmap& active) {
  while (i < end && !active.contains(rows.neighbours[i])) ++i;
  return i;
}

/// Calls give(target, value) for arcs i .. end-1, which all come from a vertex with the ghost `from`.
template <class P, class Give>
void push_arcs(const P& program, const Adjacency& rows, EdgeCount i, EdgeCount end, const GhostOf<P>& from,
               const Give& give) {
  for (; i < end; ++i) give(rows.neighbours[i], edge_value(program, edge_at<P>(rows, i, from)));
}

}  // namespace gasket
