#pragma once
// The vertices that a source reaches, level by level, and how many shortest paths lead to each: what the sweep outwards
// (path_counter.hpp) finds. The sweep back (source_dependencies.hpp) takes the levels off one by one, and replaces each
// number of paths by what its vertex gives.

#include <algorithm>
#include <limits>
#include <mutex>
#include <span>
#include <vector>

#include "engine/level_sums.hpp"
#include "engine/row_work.hpp"
#include "engine/vertex_queue.hpp"
#include "partition/big_array.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

/// Count: of shortest paths.
template <class Count>
struct ReachedLevels {
  using Depth = std::uint32_t;
  static constexpr Depth kUnreached = std::numeric_limits<Depth>::max();

  /// Copies at one distance from the source: where they are in `queue`, masters, then those of their ghosts that have
  /// arcs onwards.
  struct Level {
    std::size_t begin = 0;
    std::size_t ghosts = 0;
    std::size_t end = 0;
    EdgeCount out_arcs = 0;
  };

  explicit ReachedLevels(LocalId vertices) : depths(vertices), paths(vertices), given(vertices), queue(vertices) {}

  std::span<const LocalId> masters_of(const Level& level) const { return ids(level.begin, level.ghosts); }
  std::span<const LocalId> ghosts_of(const Level& level) const { return ids(level.ghosts, level.end); }
  std::span<const LocalId> copies_of(const Level& level) const { return ids(level.begin, level.end); }
  /// Of the level after all those there are.
  Depth next_depth() const { return static_cast<Depth>(levels.size()); }

  BigArray<Depth> depths;
  BigArray<Count> paths;
  GivenValues<Count> given;  // by either sweep: what vertices give while a level is pulled
  VertexQueue queue;         // level after level
  std::vector<Level> levels;

 private:
  std::span<const LocalId> ids(std::size_t begin, std::size_t end) const {
    return queue.ids().subspan(begin, end - begin);
  }
};

/// What is known of a level's vertices before its turn.
template <class Count>
struct LevelMeasure {
  EdgeCount out_arcs = 0;
  EdgeCount in_arcs = 0;
  Count most_paths = 0;
};

template <class Count>
LevelMeasure<Count> measure_level(const DistributedGraph& graph, std::span<const LocalId> vertices,
                                  const BigArray<Count>& paths) {
  LevelMeasure<Count> all;
  std::mutex guard;
  spread_work(vertices.size(), vertices.size(), [&](std::size_t begin, std::size_t end) {
    LevelMeasure<Count> part;
    for (std::size_t i = begin; i < end; ++i) {
      part.out_arcs += graph.by_source().degree(vertices[i]);
      part.in_arcs += graph.by_target().degree(vertices[i]);
      part.most_paths = std::max(part.most_paths, paths[vertices[i]]);
    }
    const std::lock_guard lock(guard);
    all.out_arcs += part.out_arcs;
    all.in_arcs += part.in_arcs;
    all.most_paths = std::max(all.most_paths, part.most_paths);
  });
  return all;
}

}  // namespace gasket
