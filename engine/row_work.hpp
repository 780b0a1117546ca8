#pragma once
// Work on the vertices of a frontier and on their rows. Small work is done by the calling worker without a barrier, larger
// work in pieces on all; a row too long for one worker is cut.

#include <algorithm>
#include <mutex>
#include <span>
#include <vector>

#include "engine/row_blocks.hpp"
#include "engine/vertex_queue.hpp"
#include "partition/parallel.hpp"

namespace gasket {

inline constexpr EdgeCount kSharedFrom = 1024;  // arcs that are worth waking the others for
inline constexpr EdgeCount kPieceArcs = 4096;   // of a piece of large work
inline constexpr std::size_t kFetchAhead = 8;   // arcs whose ends are asked for before their turn

/// Whether several workers take part.
inline bool is_shared(EdgeCount work) { return work >= kSharedFrom && parallel::threads() > 1; }

/// Whether there are more pieces of it than `parts`, in any order.
inline bool is_large(EdgeCount work, std::size_t parts) { return work >= kPieceArcs * 8 * parts; }

/// Vertices whose rows are too long for one worker, put aside by several.
class LongRows {
 public:
  void push(LocalId v) {
    const std::lock_guard lock(guard_);
    ids_.push_back(v);
  }
  std::span<const LocalId> ids() const { return ids_; }

 private:
  std::mutex guard_;
  std::vector<LocalId> ids_;
};

/// Runs body(begin, end, part) over vertices 0 .. size-1 that have `work` arcs. Where the work is neither small nor large
/// there are up to `parts` pieces, and each is told its number, so that queues that are appended to in parts keep their
/// order; returns whether it was so, and the caller joins them. Else part is VertexQueue::no_part.
template <class Body>
bool spread_work(std::size_t size, EdgeCount work, std::size_t parts, const Body& body) {
  if (!is_shared(work)) {
    body(std::size_t{0}, size, VertexQueue::no_part);
    return false;
  }
  const bool in_parts = !is_large(work, parts);
  const std::size_t most = std::max<std::size_t>(size / 16, 2);
  const std::size_t pieces = in_parts ? std::min(parts, most) : std::clamp<std::size_t>(work / kPieceArcs, 2, most);
  parallel::for_each_index(pieces, [&](std::size_t piece) {
    body(size * piece / pieces, size * (piece + 1) / pieces, in_parts ? piece : VertexQueue::no_part);
  });
  return in_parts;
}
template <class Body>
void spread_work(std::size_t size, EdgeCount work, const Body& body) {
  spread_work(size, work, 0, [&](std::size_t begin, std::size_t end, std::size_t) { body(begin, end); });
}

/// Runs body(some, part) over pieces of `ids`, as spread_work does.
template <class Body>
bool spread_ids(std::span<const LocalId> ids, EdgeCount work, std::size_t parts, const Body& body) {
  return spread_work(ids.size(), work, parts, [&](std::size_t begin, std::size_t end, std::size_t part) {
    body(ids.subspan(begin, end - begin), part);
  });
}
/// The same over a queue; where it was left in parts, these are the pieces.
template <class Body>
bool spread_ids(VertexQueue& queue, EdgeCount work, std::size_t parts, const Body& body) {
  if (const auto pieces = queue.even_parts(); is_shared(work) && !is_large(work, parts) && pieces.size() == parts) {
    parallel::for_each_index(parts, [&](std::size_t part) { body(std::span(pieces[part]), part); });
    return true;
  }
  queue.join_parts();
  return spread_ids(queue.ids(), work, parts, body);
}

/// Calls visit(v) for each of `ids`, in their order. Before the turn of v come ahead.vertex(v), to ask for where its row
/// begins; ahead.ask(v), for the row, early enough for memory; and ahead.load(v), for what a prefetch has not brought.
template <class Ahead, class Visit>
void visit_ahead(std::span<const LocalId> ids, const Ahead& ahead, const Visit& visit) {
  constexpr std::size_t kVertex = 24, kAsk = 16, kLoad = 4;  // so many before it
  const std::size_t size = ids.size();
  for (std::size_t i = 0; i < std::min(kVertex, size); ++i) ahead.vertex(ids[i]);
  for (std::size_t i = 0; i < std::min(kAsk, size); ++i) ahead.ask(ids[i]);
  for (std::size_t i = 0; i < size; ++i) {
    if (i + kVertex < size) ahead.vertex(ids[i + kVertex]);
    if (i + kAsk < size) ahead.ask(ids[i + kAsk]);
    if (i + kLoad < size) ahead.load(ids[i + kLoad]);
    visit(ids[i]);
  }
}

/// Calls arcs(state, rows, v, begin, end) for the rows of all `ids`, a span or a queue, which have `work` arcs; a long row
/// comes in several ranges. Each piece of work has a state of its own, made by make(part). `ahead` is
/// that of visit_ahead(). Returns what spread_work does.
template <class Ids, class Ahead, class Make, class Arcs>
bool for_each_row(const RowSets& sets, Ids&& ids, EdgeCount work, std::size_t parts, const Ahead& ahead,
                  const Make& make, const Arcs& arcs) {
  LongRows long_rows;
  const bool two = sets[1] != nullptr;
  const bool cuts = parallel::threads() > 1 && longest_row(sets) > kLongRow;
  const bool in_parts = spread_ids(ids, work, parts, [&](std::span<const LocalId> some, std::size_t part) {
    auto state = make(part);
    visit_ahead(some, ahead, [&](LocalId v) {
      if (cuts && degree(sets, v) > kLongRow) return long_rows.push(v);
      arcs(state, *sets[0], v, sets[0]->offsets[v], sets[0]->offsets[v + 1]);
      if (two) arcs(state, *sets[1], v, sets[1]->offsets[v], sets[1]->offsets[v + 1]);
    });
  });
  for (const LocalId v : long_rows.ids())
    for (const Adjacency* rows : sets)
      if (rows != nullptr)
        parallel::for_ranges(rows->degree(v), kBlockArcs, [&](std::size_t begin, std::size_t end) {
          auto state = make(VertexQueue::no_part);
          arcs(state, *rows, v, rows->offsets[v] + begin, rows->offsets[v] + end);
        });
  return in_parts;
}

}  // namespace gasket
