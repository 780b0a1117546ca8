#include "partition/build/rows.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <utility>

#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr std::size_t kRowBatch = 1024;

EdgeCount fetch_add(EdgeCount& counter) {
  if (parallel::threads() == 1) return counter++;
  return std::atomic_ref<EdgeCount>(counter).fetch_add(1, std::memory_order_relaxed);
}

// Calls visit(row, neighbour, block, weight index) for every arc, blocks in parallel.
template <class Visit>
void for_each_entry(const Arcs& arcs, RowKey key, const Visit& visit) {
  parallel::for_each_index(arcs.blocks.size(), [&](std::size_t b) {
    const EdgeChunk& block = arcs.blocks[b];
    if (key == RowKey::target)
      arcs.for_each_arc(block, [&](auto s, auto t, std::size_t i) { visit(t, static_cast<LocalId>(s), block, i); });
    else
      arcs.for_each_arc(block, [&](auto s, auto t, std::size_t i) { visit(s, static_cast<LocalId>(t), block, i); });
  });
}

void sort_weighted(std::span<LocalId> neighbours, std::span<double> weights,
                   std::vector<std::pair<LocalId, double>>& scratch) {
  scratch.clear();
  for (std::size_t i = 0; i < neighbours.size(); ++i) scratch.emplace_back(neighbours[i], weights[i]);
  std::ranges::sort(scratch);
  for (std::size_t i = 0; i < scratch.size(); ++i) std::tie(neighbours[i], weights[i]) = scratch[i];
}

void sort_rows(Adjacency& adjacency) {
  parallel::for_ranges(adjacency.rows(), kRowBatch, [&](std::size_t begin, std::size_t end) {
    std::vector<std::pair<LocalId, double>> scratch;
    for (std::size_t v = begin; v < end; ++v) {
      const EdgeCount first = adjacency.offsets[v], count = adjacency.offsets[v + 1] - first;
      const std::span<LocalId> row(adjacency.neighbours.data() + first, count);
      if (adjacency.weights.empty())
        std::ranges::sort(row);
      else
        sort_weighted(row, {adjacency.weights.data() + first, count}, scratch);
    }
  });
}

// Keeps the first of equal neighbours; rows close up towards the front.
void thin_rows(Adjacency& adjacency) {
  EdgeCount kept = 0, begin = 0;
  for (std::size_t v = 0; v < adjacency.rows(); ++v) {
    const EdgeCount end = adjacency.offsets[v + 1];
    const EdgeCount row = kept;
    for (EdgeCount i = begin; i < end; ++i) {
      if (kept > row && adjacency.neighbours[kept - 1] == adjacency.neighbours[i]) continue;
      adjacency.neighbours[kept] = adjacency.neighbours[i];
      if (!adjacency.weights.empty()) adjacency.weights[kept] = adjacency.weights[i];
      ++kept;
    }
    begin = end;
    adjacency.offsets[v + 1] = kept;
  }
  adjacency.neighbours.shrink(kept);
  if (!adjacency.weights.empty()) adjacency.weights.shrink(kept);
}

}  // namespace

Adjacency build_rows(const Arcs& arcs, LocalId rows, RowKey key, bool weighted, bool drop_duplicates) {
  Adjacency adjacency;
  // offsets[v + 1] counts the row, then becomes where its next arc goes, and so ends as the end of the row.
  adjacency.offsets = BigArray<EdgeCount>(std::size_t{rows} + 1);
  EdgeCount* const next = adjacency.offsets.data() + 1;
  for_each_entry(arcs, key, [&](auto row, LocalId, const EdgeChunk&, std::size_t) { fetch_add(next[row]); });
  EdgeCount total = 0;
  for (std::size_t v = 0; v < rows; ++v) total += std::exchange(next[v], total);

  adjacency.neighbours = BigArray<LocalId>(total);
  if (weighted) adjacency.weights = BigArray<double>(total);
  for_each_entry(arcs, key, [&](auto row, LocalId neighbour, const EdgeChunk& block, std::size_t i) {
    const EdgeCount at = fetch_add(next[row]);
    adjacency.neighbours[at] = neighbour;
    if (weighted) adjacency.weights[at] = block.weights[i];
  });
  sort_rows(adjacency);
  if (drop_duplicates) thin_rows(adjacency);
  return adjacency;
}

}  // namespace gasket
