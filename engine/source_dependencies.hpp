#pragma once
// The second sweep of betweenness: back from the vertices furthest from a source, level by level, the source's
// dependency on each vertex. Of
//
//   x(v) = 1 / paths(v) + sum of x(w) over the arcs v -> w that lead one level on
//
// the sum is in `sums_` until v's level is settled; then x(v) takes the place of the number of paths, for which a
// settled vertex has no further use.

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/level_messages.hpp"
#include "engine/level_sums.hpp"
#include "engine/path_counter.hpp"
#include "engine/reached_levels.hpp"

namespace gasket {

/// One source after the other. Count: of shortest paths.
template <class Count>
class SourceDependencies {
  using Level = typename ReachedLevels<Count>::Level;
  using Depth = typename ReachedLevels<Count>::Depth;

 public:
  SourceDependencies(const DistributedGraph& graph, Direction direction)
      : graph_(graph),
        wanted_(direction),
        messages_(graph),
        outwards_(graph, direction, messages_),
        sums_(graph.locals()) {}
  SourceDependencies(const SourceDependencies&) = delete;
  SourceDependencies& operator=(const SourceDependencies&) = delete;

  /// Adds a source's dependencies to the masters' scores. `here` and the result are PathCounter::count's: where there
  /// are too many paths nothing is added.
  std::optional<std::uint64_t> add(LocalId here, BigArray<double>& scores) {
    const std::optional<std::uint64_t> reached = outwards_.count(here);
    if (reached) give_back(scores);
    return reached;
  }

 private:
  void give_back(BigArray<double>& scores) {
    std::vector<Level>& levels = outwards_.reached().levels;
    levels.pop_back();  // nobody was there
    for (std::size_t depth = levels.size() - 1; depth > 0; --depth) {
      settle(outwards_.reached().masters_of(levels[depth]), scores);
      if (depth == 1) return;  // what is left is the source
      const std::span<const LocalId> givers = givers_of(static_cast<Depth>(depth));
      const EdgeCount push_arcs = measure_level(graph_, givers, outwards_.reached().paths).in_arcs;
      if (prefers_pull(wanted_, push_arcs, levels[depth - 1].out_arcs))
        pull(levels[depth - 1], givers);
      else
        push(static_cast<Depth>(depth - 1), givers, push_arcs);
      hand_in(levels[depth - 1]);
    }
  }

  void settle(std::span<const LocalId> masters, BigArray<double>& scores) {
    BigArray<Count>& paths_or_x = outwards_.reached().paths;
    spread_work(masters.size(), masters.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const LocalId v = masters[i];
        const Count sum = std::exchange(sums_[v], Count{0}), paths = paths_or_x[v];
        scores[v] += static_cast<double>(paths * sum);
        paths_or_x[v] = 1 / paths + sum;
      }
    });
  }

  // The masters at a depth, and those of their ghosts that have arcs back.
  std::span<const LocalId> givers_of(Depth depth) {
    ReachedLevels<Count>& reached = outwards_.reached();
    const std::span<const LocalId> masters = reached.masters_of(reached.levels[depth]);
    if (graph_.communicator().size() == 1) return masters;
    givers_.assign(masters.begin(), masters.end());
    messages_.tell_ghosts(Flow::backward, masters, reached.paths, [&](LocalId ghost) { givers_.push_back(ghost); });
    return givers_;
  }

  void pull(const Level& level, std::span<const LocalId> givers) {
    const Adjacency& rows = graph_.by_source();
    ReachedLevels<Count>& reached = outwards_.reached();
    reached.given.set(givers, reached.paths);
    for_each_row(rows, reached.copies_of(level), level.out_arcs, [&](LocalId v, EdgeCount begin, EdgeCount end) {
      add_to(sums_[v], reached.given.sum(rows, begin, end), end - begin < rows.degree(v));
    });
    reached.given.clear(givers);
  }

  void push(Depth depth, std::span<const LocalId> givers, EdgeCount arcs) {
    const Adjacency& rows = graph_.by_target();
    const ReachedLevels<Count>& reached = outwards_.reached();
    const bool shared = is_shared(arcs);
    for_each_row(rows, givers, arcs, [&](LocalId w, EdgeCount i, EdgeCount end) {
      const Count given = reached.paths[w];
      for (; i < end; ++i)
        if (const LocalId v = rows.neighbours[i]; reached.depths[v] == depth) add_to(sums_[v], given, shared);
    });
  }

  // The sums of a level's ghosts, to their masters.
  void hand_in(const Level& level) {
    const std::span<const LocalId> ghosts = outwards_.reached().ghosts_of(level);
    messages_.tell_masters(
        Flow::backward, ghosts, [&](LocalId ghost) { return sums_[ghost] > 0; }, sums_,
        [&](LocalId master, Count sum) { sums_[master] += sum; });
    for (const LocalId ghost : ghosts) sums_[ghost] = 0;
  }

  const DistributedGraph& graph_;
  Direction wanted_;
  LevelMessages<Count> messages_;
  PathCounter<Count> outwards_;
  BigArray<Count> sums_;  // what copies have got and not settled or handed in
  std::vector<LocalId> givers_;
};

}  // namespace gasket
