#pragma once
// The ghosts that were offered something in a superstep, and the exchange that brings it to their masters.

#include <algorithm>
#include <span>
#include <vector>

#include "engine/ghost_sync.hpp"
#include "engine/vertex_queue.hpp"
#include "partition/bitmap.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

class TouchedGhosts {
 public:
  /// Memory: two queue places per ghost.
  TouchedGhosts(const DistributedGraph& graph, std::size_t parts) : graph_(graph), queue_(graph.ghosts(), parts) {}

  /// For workers to append to, each ghost once.
  VertexQueue& queue() { return queue_; }

  /// Sends value_at(ghost) of each to its master's rank, by way of `reduce`, which has started. Returns the ghosts,
  /// ascending, and forgets them at the next call.
  template <class Accum, class ValueAt>
  std::span<const LocalId> send(GhostSync<Accum>& reduce, Flow flow, const ValueAt& value_at) {
    sort();
    reduce.send_reduce(flow, sorted_, value_at);
    return sorted_;
  }

 private:
  static constexpr std::size_t kMany = 64;  // from this part of all ghosts they are read off a bitmap instead of sorted

  void sort() {
    const std::span<const LocalId> ids = queue_.ids();
    sorted_.assign(ids.begin(), ids.end());
    if (ids.size() < graph_.ghosts() / kMany) {
      std::ranges::sort(sorted_);
    } else {
      Bitmap members(graph_.ghosts());
      for (const LocalId ghost : ids) members.insert(ghost - graph_.masters());
      std::size_t at = 0;
      members.for_each(0, graph_.ghosts(),
                       [&](std::size_t i) { sorted_[at++] = graph_.masters() + static_cast<LocalId>(i); });
    }
    queue_.clear();
  }

  const DistributedGraph& graph_;
  VertexQueue queue_;
  std::vector<LocalId> sorted_;
};

}  // namespace gasket
