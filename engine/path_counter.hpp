#pragma once
// The first sweep of betweenness: outwards from a source, level by level, the number of shortest paths to each vertex.

#include <algorithm>
#include <atomic>
#include <limits>
#include <optional>
#include <span>

#include "engine/level_messages.hpp"
#include "engine/level_sums.hpp"
#include "engine/reached_levels.hpp"
#include "engine/step.hpp"

namespace gasket {

/// One source after the other. Count: of shortest paths.
template <class Count>
class PathCounter {
  using Levels = ReachedLevels<Count>;
  using Level = typename Levels::Level;
  using Depth = typename Levels::Depth;

 public:
  static constexpr LocalId kNowhere = std::numeric_limits<LocalId>::max();

  PathCounter(const DistributedGraph& graph, Direction direction, LevelMessages<Count>& messages)
      : graph_(graph),
        comm_(graph.communicator()),
        wanted_(direction),
        messages_(messages),
        cut_(cut_rows({&graph.by_target(), nullptr}, 0, graph.locals())),
        reached_(graph.locals()),
        touched_(graph.ghosts()) {}

  /// `here`: the source, where its master is; else kNowhere. Returns how many vertices of all ranks it reaches, or
  /// nothing when there are too many paths. The last of the levels is then empty.
  std::optional<std::uint64_t> count(LocalId here) {
    start(here);
    for (std::uint64_t reached = 0;;) {
      const LevelMeasure<Count> mine = open_level();
      struct Summary {
        std::uint64_t masters;
        Count most_paths;
      };
      const Summary all =
          comm_.all_reduce(Summary{reached_.masters_of(reached_.levels.back()).size(), mine.most_paths},
                           [](const Summary& a, const Summary& b) {
                             return Summary{a.masters + b.masters, std::max(a.most_paths, b.most_paths)};
                           });
      if (!(all.most_paths <= kMost)) return std::nullopt;
      if (all.masters == 0) return reached;
      reached += all.masters;
      unexplored_ -= std::min(unexplored_, mine.in_arcs);
      if (prefers_pull(wanted_, mine.out_arcs, unexplored_ + graph_.locals() / kVerticesPerArc))
        pull();
      else
        push(mine.out_arcs);
      hand_in();
    }
  }

  /// What the last count found; the caller may change it.
  Levels& reached() { return reached_; }

 private:
  // The largest count of which the inverse is a normal number, and some room.
  static constexpr Count kMost = Count{1} / std::numeric_limits<Count>::min() / Count{1 << 20};
  static constexpr EdgeCount kVerticesPerArc = 2;  // that a pull passes over in the time of an arc

  // What a worker finds: masters that belong to the next level, ghosts that have something for their masters.
  class Found {
   public:
    explicit Found(PathCounter& all)
        : masters_(all.reached_.queue), ghosts_(all.touched_), first_ghost_(all.graph_.masters()) {}
    void operator()(LocalId v) { (v < first_ghost_ ? masters_ : ghosts_).push(v); }

   private:
    VertexQueue::Appender masters_, ghosts_;
    LocalId first_ghost_;
  };

  void start(LocalId here) {
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      std::fill(reached_.depths.begin() + begin, reached_.depths.begin() + end, Levels::kUnreached);
      std::fill(reached_.paths.begin() + begin, reached_.paths.begin() + end, Count{0});
    });
    reached_.queue.clear();
    touched_.clear();
    reached_.levels.clear();
    unexplored_ = graph_.by_target().arcs();
    if (here == kNowhere) return;
    reached_.depths[here] = 0;
    reached_.paths[here] = 1;
    reached_.queue.push(here);
  }

  // The masters of a new level are there: their ghosts are told, and it is measured.
  LevelMeasure<Count> open_level() {
    Level level;
    level.begin = reached_.levels.empty() ? 0 : reached_.levels.back().end;
    level.ghosts = reached_.queue.size();
    const Depth depth = reached_.next_depth();
    messages_.tell_ghosts(Flow::forward, reached_.masters_of(level), reached_.paths, [&](LocalId ghost) {
      reached_.depths[ghost] = depth;
      reached_.queue.push(ghost);
    });
    level.end = reached_.queue.size();
    const LevelMeasure<Count> measure = measure_level(graph_, reached_.copies_of(level), reached_.paths);
    level.out_arcs = measure.out_arcs;
    reached_.levels.push_back(level);
    return measure;
  }

  // Makes v a vertex of the next level if no worker has; true when it is one.
  bool claim(LocalId v, Depth depth, bool shared, Found& found) {
    std::atomic_ref<Depth> known(reached_.depths[v]);
    Depth before = known.load(std::memory_order_relaxed);
    if (before != Levels::kUnreached) return before == depth;
    if (!shared)
      known.store(depth, std::memory_order_relaxed);
    else if (!known.compare_exchange_strong(before, depth, std::memory_order_relaxed))
      return before == depth;
    found(v);
    return true;
  }

  void push(EdgeCount arcs) {
    const Adjacency& rows = graph_.by_source();
    const Depth next = reached_.next_depth();
    const bool shared = is_shared(arcs);
    for_each_row(
        rows, reached_.copies_of(reached_.levels.back()), arcs, [&] { return Found(*this); },
        [&](Found& found, LocalId v, EdgeCount i, EdgeCount end) {
          const Count paths = reached_.paths[v];
          for (; i < end; ++i)
            if (const LocalId u = rows.neighbours[i]; claim(u, next, shared, found))
              add_to(reached_.paths[u], paths, shared);
        });
  }

  void pull() {
    const std::span<const LocalId> givers = reached_.copies_of(reached_.levels.back());
    reached_.given.set(givers, reached_.paths);
    parallel::for_each_index(cut_.blocks.size(), [&](std::size_t b) { pull_rows(cut_.blocks[b]); });
    parallel::for_each_index(cut_.pieces.size(), [&](std::size_t p) { pull_piece(cut_.pieces[p]); });
    reached_.given.clear(givers);
  }

  void pull_rows(const RowBlock& block) {
    const Adjacency& rows = graph_.by_target();
    const Depth next = reached_.next_depth();
    Found found(*this);
    for (LocalId v = block.begin; v < block.end; ++v) {
      if (reached_.depths[v] != Levels::kUnreached) continue;
      const Count sum = reached_.given.sum(rows, rows.offsets[v], rows.offsets[v + 1]);
      if (sum > 0 && claim(v, next, false, found)) reached_.paths[v] = sum;
    }
  }

  // Several workers have pieces of the row.
  void pull_piece(const RowPiece& piece) {
    const Depth next = reached_.next_depth();
    Found found(*this);
    const Depth known = std::atomic_ref<Depth>(reached_.depths[piece.row]).load(std::memory_order_relaxed);
    if (known != Levels::kUnreached && known != next) return;
    const Count sum = reached_.given.sum(graph_.by_target(), piece.begin, piece.end);
    if (sum > 0 && claim(piece.row, next, true, found)) add_to(reached_.paths[piece.row], sum, true);
  }

  // The paths that arcs led to ghosts, to their masters. A ghost that arcs do not leave from never hears that its
  // master was reached; it may then hand in, once, what comes too late.
  void hand_in() {
    const Depth next = reached_.next_depth();
    messages_.tell_masters(
        Flow::forward, touched_.ids(), [&](LocalId ghost) { return reached_.depths[ghost] == next; }, reached_.paths,
        [&](LocalId master, Count paths) {
          if (reached_.depths[master] == Levels::kUnreached) {
            reached_.depths[master] = next;
            reached_.queue.push(master);
          }
          if (reached_.depths[master] == next) reached_.paths[master] += paths;
        });
    touched_.clear();
  }

  const DistributedGraph& graph_;
  Communicator& comm_;
  Direction wanted_;
  LevelMessages<Count>& messages_;
  RowCut cut_;

  Levels reached_;
  VertexQueue touched_;       // ghosts that arcs of this level led to
  EdgeCount unexplored_ = 0;  // arcs that lead to vertices not reached
};

}  // namespace gasket
