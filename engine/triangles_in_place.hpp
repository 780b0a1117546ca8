#pragma once
// Triangles of an undirected graph that lies on one rank, counted on its rows as they are: where vertices are in the order
// of their degrees, or have few neighbours, building a skeleton first would cost more than it saves.

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/step.hpp"
#include "engine/triangle_kernel.hpp"
#include "engine/triangle_tally.hpp"
#include "partition/graph/distributed_graph.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

/// Local ids are the ids of a skeleton, and a row up to its own vertex is its row.
struct RowsInPlace {
  const Adjacency* rows;
  // Adjacency::row; inlined, for calls would cost as much as walking short rows.
  [[gnu::always_inline]] std::span<const LocalId> operator()(LocalId v) const {
    const EdgeCount begin = rows->offsets[v];
    return {rows->neighbours.data() + begin, rows->offsets[v + 1] - begin};
  }
  void fetch(LocalId v) const { rows->offsets.fetch(v); }
  void fetch_row(LocalId v) const {
    const LocalId* const row = rows->neighbours.data() + rows->offsets[v];
    prefetch(row);
    prefetch(row + kRowLine);
  }
};

/// The part of a row before its own vertex.
struct RowInPlace {
  std::span<const LocalId> below;
  std::uint32_t degree = 0;  // without the vertex itself
  bool simple = true;        // no parallel edges to smaller vertices: of two vertices one is the smaller
};

inline RowInPlace inspect_row(std::span<const LocalId> row, LocalId v) {
  std::size_t below = 0, beyond = 0;
  bool simple = true;
  for (; below < row.size() && row[below] < v; ++below) simple &= below == 0 || row[below - 1] < row[below];
  for (beyond = below; beyond < row.size() && row[beyond] == v;) ++beyond;
  return {row.first(below), static_cast<std::uint32_t>(row.size() - (beyond - below)), simple};
}

/// Whether building a skeleton would gain less than it costs, by a sample of the rows: to build one takes about as long
/// as so many steps per arc.
inline bool serves_in_place(const DistributedGraph& graph) {
  constexpr std::uint64_t kStepsToBuild = 32;
  constexpr std::size_t kSample = 64;  // one piece of rows in so many
  if (graph.communicator().size() > 1 || graph.directed()) return false;
  if (graph.order() == VertexOrder::degree) return true;
  const Adjacency& rows = graph.by_target();
  const std::size_t pieces = (rows.rows() + kPass - 1) / kPass;
  std::uint64_t squares = 0, arcs = 0;
  for (std::size_t piece = 0; piece < pieces; piece += std::min(kSample, std::max<std::size_t>(1, pieces / 8)))
    for (std::size_t v = piece * kPass; v < std::min<std::size_t>(rows.rows(), (piece + 1) * kPass); ++v) {
      const std::size_t below = inspect_row(rows.row(static_cast<LocalId>(v)), static_cast<LocalId>(v)).below.size();
      squares += below * below;
      arcs += rows.degree(static_cast<LocalId>(v));
    }
  return squares <= kStepsToBuild * arcs;
}

class TrianglesInPlace {
 public:
  TrianglesInPlace(const DistributedGraph& graph, bool want_degrees)
      : rows_{&graph.by_target()},
        kernel_(rows_, graph.vertices(), 0, graph.vertices()),
        corners_(static_cast<std::size_t>(parallel::threads())),
        tally_{BigArray<std::uint64_t>(graph.masters()), BigArray<std::uint32_t>(want_degrees ? graph.masters() : 0)} {}

  /// Nothing when there are parallel edges. O(sum of the products of row lengths over edges) at most; 8 bytes per vertex, and 4 for degrees.
  std::optional<TriangleTally> run() {
    const auto blocks = cut_skeleton_rows(0, tally_.closed.size());
    const Sums sums = parallel::reduce_ranges<Sums>(
        blocks.size(), 1, {}, [&](std::size_t b, std::size_t) { return close(blocks[b].first, blocks[b].second); },
        std::plus<>());
    if (!simple_.load()) return std::nullopt;
    tally_.at_lowest = sums.at_lowest;
    tally_.wedges = sums.wedges;
    return std::move(tally_);
  }

 private:
  struct Sums {
    std::uint64_t at_lowest = 0;
    std::uint64_t wedges = 0;
    friend Sums operator+(const Sums& a, const Sums& b) { return {a.at_lowest + b.at_lowest, a.wedges + b.wedges}; }
  };

  RowInPlace at(std::size_t v) const { return inspect_row(rows_(static_cast<LocalId>(v)), static_cast<LocalId>(v)); }

  Sums close(std::size_t begin, std::size_t end) {
    Sums sums;
    if (!simple_.load(std::memory_order_relaxed)) return sums;
    std::vector<std::uint32_t>& corners = corners_[static_cast<std::size_t>(parallel::worker_index())];
    const auto close_one = [&](std::size_t v, const RowInPlace& row) {
      if (!row.simple) simple_.store(false, std::memory_order_relaxed);
      sums.wedges += wedges_at(row.degree);
      if (!tally_.degrees.empty()) tally_.degrees[v] = row.degree;
      if (row.below.size() > 1) sums.at_lowest += close_row(v, row.below, corners);
    };
    if (rows_.rows->offsets[end] - rows_.rows->offsets[begin] < kFewArcs * (end - begin))
      for (std::size_t v = begin; v < end; ++v) close_one(v, at(v));
    else
      look_ahead(begin, end, close_one);
    return sums;
  }

  // Rows long enough for it to matter that others' rows are asked for before their turn.
  template <class CloseOne>
  void look_ahead(std::size_t begin, std::size_t end, const CloseOne& close_one) const {
    RowInPlace row = at(begin), next = begin + 1 < end ? at(begin + 1) : row;
    kernel_.announce(next.below, 0, next.below.size());
    for (std::size_t v = begin; v < end; ++v) {
      const RowInPlace far = v + 2 < end ? at(v + 2) : row;
      kernel_.announce(far.below, 0, far.below.size());
      kernel_.announce_next(next.below, 0, next.below.size());
      close_one(v, row);
      row = next;
      next = far;
    }
  }

  std::uint64_t close_row(std::size_t v, std::span<const LocalId> row, std::vector<std::uint32_t>& corners) {
    if (corners.size() < row.size()) corners.resize(2 * row.size());
    const std::uint64_t own = kernel_.close(row, 0, row.size(), corners.data());
    if (own == 0) return 0;
    add_shared(tally_.closed[v], own);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (corners[i] > 0) add_shared(tally_.closed[row[i]], std::exchange(corners[i], 0));
    return own;
  }

  static constexpr EdgeCount kFewArcs = 8;  // per row

  RowsInPlace rows_;
  TriangleKernel<LocalId, false, RowsInPlace> kernel_;
  std::vector<std::vector<std::uint32_t>> corners_;  // per worker
  TriangleTally tally_;
  std::atomic<bool> simple_{true};
};

}  // namespace gasket
