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

namespace gasket {

/// Local ids are the ids of a skeleton, and a row up to its own vertex is its row.
struct RowsInPlace {
  const Adjacency* rows;
  std::span<const LocalId> operator()(LocalId v) const { return rows->row(v); }
  void fetch(LocalId v) const { rows->offsets.fetch(v); }
  void fetch_row(LocalId v) const {
    const LocalId* const row = rows->neighbours.data() + rows->offsets[v];
    __builtin_prefetch(row);
    __builtin_prefetch(row + kRowLine);
  }
};

/// The part of a row before its own vertex, of all sorts of rows the one with an end to find.
struct RowInPlace {
  std::span<const LocalId> below;
  std::uint32_t degree = 0;  // without the vertex itself
  bool simple = true;        // no parallel edges
};

inline RowInPlace inspect_row(std::span<const LocalId> row, LocalId v) {
  std::size_t below = 0, loops = 0, descents = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    below += row[i] < v ? 1 : 0;
    loops += row[i] == v ? 1 : 0;
    descents += i > 0 && row[i - 1] >= row[i] ? 1 : 0;
  }
  return {row.first(below), static_cast<std::uint32_t>(row.size() - loops), descents == 0};
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
  explicit TrianglesInPlace(const DistributedGraph& graph)
      : rows_{&graph.by_target()},
        kernel_(rows_, graph.vertices(), 0, graph.vertices()),
        corners_(static_cast<std::size_t>(parallel::threads())),
        tally_{BigArray<std::uint64_t>(graph.masters()), BigArray<std::uint32_t>(graph.masters())} {}

  /// Nothing when there are parallel edges. O(sum of the products of row lengths over edges) at most; 12 bytes per vertex.
  std::optional<TriangleTally> run() {
    const auto blocks = cut_skeleton_rows(0, tally_.degrees.size());
    tally_.at_lowest = parallel::reduce_ranges<std::uint64_t>(
        blocks.size(), 1, 0, [&](std::size_t b, std::size_t) { return close(blocks[b].first, blocks[b].second); },
        std::plus<>());
    if (!simple_.load()) return std::nullopt;
    return std::move(tally_);
  }

 private:
  RowInPlace at(std::size_t v) const { return inspect_row(rows_(static_cast<LocalId>(v)), static_cast<LocalId>(v)); }

  std::uint64_t close(std::size_t begin, std::size_t end) {
    if (!simple_.load(std::memory_order_relaxed)) return 0;
    std::uint64_t found = 0;
    RowInPlace row = at(begin), next = begin + 1 < end ? at(begin + 1) : row;
    kernel_.announce(next.below, 0, next.below.size());
    for (std::size_t v = begin; v < end; ++v) {
      const RowInPlace far = v + 2 < end ? at(v + 2) : row;
      kernel_.announce(far.below, 0, far.below.size());
      kernel_.announce_next(next.below, 0, next.below.size());
      if (!row.simple) simple_.store(false, std::memory_order_relaxed);
      tally_.degrees[v] = row.degree;
      if (row.below.size() > 1) found += close_row(v, row.below);
      row = next;
      next = far;
    }
    return found;
  }

  std::uint64_t close_row(std::size_t v, std::span<const LocalId> row) {
    std::vector<std::uint32_t>& corners = corners_[static_cast<std::size_t>(parallel::worker_index())];
    if (corners.size() < row.size()) corners.resize(2 * row.size());
    const std::uint64_t own = kernel_.close(row, 0, row.size(), corners.data());
    if (own == 0) return 0;
    add_shared(tally_.closed[v], own);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (corners[i] > 0) add_shared(tally_.closed[row[i]], std::exchange(corners[i], 0));
    return own;
  }

  RowsInPlace rows_;
  TriangleKernel<LocalId, false, RowsInPlace> kernel_;
  std::vector<std::vector<std::uint32_t>> corners_;  // per worker
  TriangleTally tally_;
  std::atomic<bool> simple_{true};
};

}  // namespace gasket
