#include "engine/betweenness.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/combine.hpp"
#include "engine/copy_index.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/row_work.hpp"
#include "engine/step.hpp"
#include "engine/vertex_queue.hpp"
#include "partition/team.hpp"

namespace gasket {
namespace {

using Depth = std::uint32_t;
constexpr Depth kUnreached = std::numeric_limits<Depth>::max();

constexpr EdgeCount kPushCost = 4;        // arcs pulled in the time of one pushed
constexpr EdgeCount kVerticesPerArc = 2;  // that a pull passes over in the time of an arc
constexpr std::size_t kFewMasters = 32;   // a level of less than this part of them is listed, not searched for
constexpr std::size_t kFewGhosts = 64;

// What rows are read by.
struct FetchAhead {
  const Adjacency& rows;
  void vertex(LocalId v) const { rows.offsets.fetch(v); }
  void row(LocalId v) const { rows.fetch(v); }
};

// Calls part(state, v, begin, end) for the arcs begin .. end-1 of the rows of all `ids`, which have `arcs` arcs; each
// piece of work has a State(argument) of its own. Long rows come in several parts.
template <class State, class Argument, class Part>
void for_each_row(const Adjacency& rows, std::span<const LocalId> ids, EdgeCount arcs, Argument& argument,
                  const Part& part) {
  gasket::for_each_row(
      {&rows, nullptr}, ids, arcs, 0, FetchAhead{rows}, [&](std::size_t) { return State(argument); },
      [&](State& state, const Adjacency&, LocalId v, EdgeCount begin, EdgeCount end) { part(state, v, begin, end); });
}

/// One source after the other. Count: of shortest paths.
template <class Count>
class Dependencies {
 public:
  Dependencies(const DistributedGraph& graph, Direction direction)
      : graph_(graph),
        comm_(graph.communicator()),
        wanted_(direction),
        reduce_(comm_, graph.ghost_plan(), Tag::reduce),
        broadcast_(comm_, graph.ghost_plan(), Tag::broadcast),
        readers_(graph.ghost_plan(), graph.masters(), Flow::forward),
        writers_(graph.ghost_plan(), graph.masters(), Flow::backward),
        cut_(cut_rows({&graph.by_target(), nullptr}, 0, graph.locals())),
        depths_(graph.locals()),
        paths_(graph.locals()),
        given_(graph.locals()),
        sums_(graph.locals()),
        reached_(graph.locals()),
        touched_(graph.ghosts()) {}

  /// Adds a source's dependencies to the masters' scores. `here`: the source,
  /// where its master is; else kNowhere. Returns how many vertices of all ranks
  /// it reaches, or nothing (and adds nothing) when there are too many paths.
  std::optional<std::uint64_t> add(LocalId here, BigArray<double>& scores) {
    const std::optional<std::uint64_t> reached = count_paths(here);
    if (reached) give_back(scores);
    return reached;
  }

  static constexpr LocalId kNowhere = std::numeric_limits<LocalId>::max();

 private:
  // The largest count of which the inverse is a normal number, and some room.
  static constexpr Count kMost = Count{1} / std::numeric_limits<Count>::min() / Count{1 << 20};

  // Copies at one distance from the source, in reached_: masters, then those of
  // their ghosts that have arcs onwards.
  struct Level {
    std::size_t begin = 0;
    std::size_t ghosts = 0;
    std::size_t end = 0;
    EdgeCount out_arcs = 0;
  };
  // What is known of a level's vertices before its turn.
  struct Measure {
    EdgeCount out_arcs = 0;
    EdgeCount in_arcs = 0;
    Count most_paths = 0;
  };

  // What a worker finds: masters that belong to the next level, ghosts that
  // have something for their masters.
  class Found {
   public:
    explicit Found(Dependencies& all)
        : masters_(all.reached_), ghosts_(all.touched_), first_ghost_(all.graph_.masters()) {}
    void operator()(LocalId v) { (v < first_ghost_ ? masters_ : ghosts_).push(v); }

   private:
    VertexQueue::Appender masters_, ghosts_;
    LocalId first_ghost_;
  };
  struct Nothing {
    explicit Nothing(Dependencies&) {}
  };

  std::span<const LocalId> ids(std::size_t begin, std::size_t end) const {
    return reached_.ids().subspan(begin, end - begin);
  }
  static void add_to(Count& target, Count value, bool shared) {
    if (shared)
      combine_shared(target, value);
    else
      target += value;
  }

  // -- Outwards -------------------------------------------------------------------------------------------

  std::optional<std::uint64_t> count_paths(LocalId here) {
    start(here);
    for (std::uint64_t reached = 0;;) {
      const Measure mine = open_level();
      struct Summary {
        std::uint64_t masters;
        Count most_paths;
      };
      const Summary all =
          comm_.all_reduce(Summary{levels_.back().ghosts - levels_.back().begin, mine.most_paths},
                           [](const Summary& a, const Summary& b) {
                             return Summary{a.masters + b.masters, std::max(a.most_paths, b.most_paths)};
                           });
      if (!(all.most_paths <= kMost)) return std::nullopt;
      if (all.masters == 0) return reached;
      reached += all.masters;
      unexplored_ -= std::min(unexplored_, mine.in_arcs);
      if (prefers_pull(mine.out_arcs, unexplored_ + graph_.locals() / kVerticesPerArc))
        pull_paths();
      else
        push_paths(mine.out_arcs);
      hand_in_paths();
    }
  }

  void start(LocalId here) {
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      std::fill(depths_.begin() + begin, depths_.begin() + end, kUnreached);
      std::fill(paths_.begin() + begin, paths_.begin() + end, Count{0});
    });
    reached_.clear();
    touched_.clear();
    levels_.clear();
    unexplored_ = graph_.by_target().arcs();
    if (here == kNowhere) return;
    depths_[here] = 0;
    paths_[here] = 1;
    reached_.push(here);
  }

  // The masters of a new level are there: their ghosts are told, and it is
  // measured.
  Measure open_level() {
    Level level;
    level.begin = levels_.empty() ? 0 : levels_.back().end;
    level.ghosts = reached_.size();
    const auto depth = static_cast<Depth>(levels_.size());
    tell_ghosts(Flow::forward, readers_, depth, ids(level.begin, level.ghosts), [&](LocalId ghost) {
      depths_[ghost] = depth;
      reached_.push(ghost);
    });
    level.end = reached_.size();
    const Measure measure = measure_of(ids(level.begin, level.end));
    level.out_arcs = measure.out_arcs;
    levels_.push_back(level);
    return measure;
  }

  Measure measure_of(std::span<const LocalId> vertices) {
    Measure all;
    std::mutex guard;
    spread_work(vertices.size(), vertices.size(), [&](std::size_t begin, std::size_t end) {
      Measure part;
      for (std::size_t i = begin; i < end; ++i) {
        part.out_arcs += graph_.by_source().degree(vertices[i]);
        part.in_arcs += graph_.by_target().degree(vertices[i]);
        part.most_paths = std::max(part.most_paths, paths_[vertices[i]]);
      }
      const std::lock_guard lock(guard);
      all.out_arcs += part.out_arcs;
      all.in_arcs += part.in_arcs;
      all.most_paths = std::max(all.most_paths, part.most_paths);
    });
    return all;
  }

  bool prefers_pull(EdgeCount push, EdgeCount pull) const {
    return wanted_ == Direction::automatic ? pull / kPushCost < push : wanted_ == Direction::pull;
  }

  // Makes v a vertex of the next level if no worker has; true when it is one.
  bool claim(LocalId v, Depth depth, bool shared, Found& found) {
    std::atomic_ref<Depth> known(depths_[v]);
    Depth before = known.load(std::memory_order_relaxed);
    if (before != kUnreached) return before == depth;
    if (!shared)
      known.store(depth, std::memory_order_relaxed);
    else if (!known.compare_exchange_strong(before, depth, std::memory_order_relaxed))
      return before == depth;
    found(v);
    return true;
  }

  void push_paths(EdgeCount arcs) {
    const Adjacency& rows = graph_.by_source();
    const auto next = static_cast<Depth>(levels_.size());
    const bool shared = is_shared(arcs);
    for_each_row<Found>(rows, ids(levels_.back().begin, levels_.back().end), arcs, *this,
                        [&](Found& found, LocalId v, EdgeCount i, EdgeCount end) {
                          const Count paths = paths_[v];
                          for (; i < end; ++i)
                            if (const LocalId u = rows.neighbours[i]; claim(u, next, shared, found))
                              add_to(paths_[u], paths, shared);
                        });
  }

  void pull_paths() {
    const Adjacency& rows = graph_.by_target();
    const auto next = static_cast<Depth>(levels_.size());
    const std::span<const LocalId> givers = ids(levels_.back().begin, levels_.back().end);
    set_given(givers);
    parallel::for_each_index(cut_.blocks.size(), [&](std::size_t b) {
      Found found(*this);
      for (LocalId v = cut_.blocks[b].begin; v < cut_.blocks[b].end; ++v) {
        if (depths_[v] != kUnreached) continue;
        const Count sum = sum_given(rows, rows.offsets[v], rows.offsets[v + 1]);
        if (sum > 0 && claim(v, next, false, found)) paths_[v] = sum;
      }
    });
    parallel::for_each_index(cut_.pieces.size(), [&](std::size_t p) {
      const RowPiece& piece = cut_.pieces[p];
      Found found(*this);
      const Depth known = std::atomic_ref<Depth>(depths_[piece.row]).load(std::memory_order_relaxed);
      if (known != kUnreached && known != next) return;
      const Count sum = sum_given(rows, piece.begin, piece.end);
      if (sum > 0 && claim(piece.row, next, true, found)) add_to(paths_[piece.row], sum, true);
    });
    clear_given(givers);
  }

  // The paths that arcs led to ghosts, to their masters. A ghost that arcs do
  // not leave from never hears that its master was reached; it may then hand
  // in, once, what comes too late.
  void hand_in_paths() {
    if (comm_.size() == 1) return;
    const auto next = static_cast<Depth>(levels_.size());
    tell_masters(
        Flow::forward, touched_.ids(), [&](LocalId ghost) { return depths_[ghost] == next; }, paths_,
        [&](LocalId master, Count paths) {
          if (depths_[master] == kUnreached) {
            depths_[master] = next;
            reached_.push(master);
          }
          if (depths_[master] == next) paths_[master] += paths;
        });
    touched_.clear();
  }

  // -- Back -----------------------------------------------------------------------------------------------

  // A settled vertex has no use for its number of paths: paths_ is then what it
  // gives.
  void give_back(BigArray<double>& scores) {
    levels_.pop_back();  // nobody was there
    for (std::size_t depth = levels_.size() - 1; depth > 0; --depth) {
      const Level& level = levels_[depth];
      settle(ids(level.begin, level.ghosts), scores);
      if (depth == 1) return;  // what is left is the source
      const std::span<const LocalId> givers = givers_of(static_cast<Depth>(depth));
      const EdgeCount push = measure_of(givers).in_arcs;
      if (prefers_pull(push, levels_[depth - 1].out_arcs))
        pull_back(levels_[depth - 1], givers);
      else
        push_back(static_cast<Depth>(depth - 1), givers, push);
      hand_in_sums(levels_[depth - 1]);
    }
  }

  void settle(std::span<const LocalId> masters, BigArray<double>& scores) {
    spread_work(masters.size(), masters.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const LocalId v = masters[i];
        const Count sum = std::exchange(sums_[v], Count{0}), paths = paths_[v];
        scores[v] += static_cast<double>(paths * sum);
        paths_[v] = 1 / paths + sum;
      }
    });
  }

  // The masters at a depth, and those of their ghosts that have arcs back.
  std::span<const LocalId> givers_of(Depth depth) {
    const std::span<const LocalId> masters = ids(levels_[depth].begin, levels_[depth].ghosts);
    if (comm_.size() == 1) return masters;
    givers_.assign(masters.begin(), masters.end());
    tell_ghosts(Flow::backward, writers_, depth, masters, [&](LocalId ghost) { givers_.push_back(ghost); });
    return givers_;
  }

  void pull_back(const Level& level, std::span<const LocalId> givers) {
    const Adjacency& rows = graph_.by_source();
    set_given(givers);
    for_each_row<Nothing>(rows, ids(level.begin, level.end), level.out_arcs, *this,
                          [&](Nothing&, LocalId v, EdgeCount begin, EdgeCount end) {
                            add_to(sums_[v], sum_given(rows, begin, end), end - begin < rows.degree(v));
                          });
    clear_given(givers);
  }

  void push_back(Depth depth, std::span<const LocalId> givers, EdgeCount arcs) {
    const Adjacency& rows = graph_.by_target();
    const bool shared = is_shared(arcs);
    for_each_row<Nothing>(rows, givers, arcs, *this, [&](Nothing&, LocalId w, EdgeCount i, EdgeCount end) {
      const Count given = paths_[w];
      for (; i < end; ++i)
        if (const LocalId v = rows.neighbours[i]; depths_[v] == depth) add_to(sums_[v], given, shared);
    });
  }

  void hand_in_sums(const Level& level) {
    if (comm_.size() == 1) return;
    const std::span<const LocalId> ghosts = ids(level.ghosts, level.end);
    tell_masters(
        Flow::backward, ghosts, [&](LocalId ghost) { return sums_[ghost] > 0; }, sums_,
        [&](LocalId master, Count sum) { sums_[master] += sum; });
    for (const LocalId ghost : ghosts) sums_[ghost] = 0;
  }

  // -- Pulling --------------------------------------------------------------------------------------------

  void set_given(std::span<const LocalId> givers) {
    spread_work(givers.size(), givers.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) given_[givers[i]] = paths_[givers[i]];
    });
  }
  void clear_given(std::span<const LocalId> givers) {
    spread_work(givers.size(), givers.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) given_[givers[i]] = 0;
    });
  }
  // Several sums, for a chain of additions would be the loop's length.
  Count sum_given(const Adjacency& rows, EdgeCount i, EdgeCount end) const {
    const LocalId* const neighbours = rows.neighbours.data();
    const Count* const given = given_.data();
    Count first = 0, second = 0, third = 0, fourth = 0;
    for (; i + 4 <= end; i += 4) {
      first += given[neighbours[i]];
      second += given[neighbours[i + 1]];
      third += given[neighbours[i + 2]];
      fourth += given[neighbours[i + 3]];
    }
    for (; i < end; ++i) first += given[neighbours[i]];
    return (first + second) + (third + fourth);
  }

  // -- Ghosts ---------------------------------------------------------------------------------------------

  // Sends paths_ of the masters of a level to their ghosts that the flow reads;
  // calls take(ghost) when it is there.
  template <class Take>
  void tell_ghosts(Flow flow, const CopyIndex& copies, Depth depth, std::span<const LocalId> masters,
                   const Take& take) {
    if (comm_.size() == 1) return;
    const auto value_at = [&](LocalId v) { return paths_[v]; };
    broadcast_.start_broadcast(flow);
    if (masters.size() > graph_.masters() / kFewMasters) {
      for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i)
        broadcast_.send_broadcast(
            flow, i, [&](LocalId v) { return depths_[v] == depth; }, value_at);
    } else {
      const std::vector<std::vector<std::uint32_t>> positions = copies.positions_of(masters);
      for (std::size_t i = 0; i < positions.size(); ++i)
        broadcast_.send_broadcast(flow, i, std::span<const std::uint32_t>(positions[i]), value_at);
    }
    broadcast_.finish_broadcast(flow, [&](LocalId ghost, Count value) {
      paths_[ghost] = value;
      take(ghost);
    });
  }

  // Sends what `ghosts` have to their masters; chosen(ghost) tells those with
  // something among all.
  template <class Chosen, class Take>
  void tell_masters(Flow flow, std::span<const LocalId> ghosts, const Chosen& chosen, const BigArray<Count>& values,
                    const Take& take) {
    const auto value_at = [&](LocalId ghost) { return values[ghost]; };
    reduce_.start_reduce(flow);
    if (ghosts.size() > graph_.ghosts() / kFewGhosts) {
      for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i) reduce_.send_reduce(flow, i, chosen, value_at);
    } else {
      listed_.assign(ghosts.begin(), ghosts.end());
      std::ranges::sort(listed_);
      reduce_.send_reduce(flow, listed_, value_at);
    }
    reduce_.finish_reduce(flow, take);
  }

  const DistributedGraph& graph_;
  Communicator& comm_;
  Direction wanted_;
  GhostSync<Count> reduce_;
  GhostSync<Count> broadcast_;
  CopyIndex readers_;  // copies with arcs onwards
  CopyIndex writers_;  // copies with arcs back
  RowCut cut_;

  BigArray<Depth> depths_;
  BigArray<Count> paths_;
  BigArray<Count> given_;  // paths_ of those that give while a level is pulled, else 0
  BigArray<Count> sums_;   // what copies have got on the way back and not settled
                           // or handed in
  VertexQueue reached_;    // level after level
  VertexQueue touched_;    // ghosts that arcs of this level led to
  std::vector<Level> levels_;
  std::vector<LocalId> givers_;
  std::vector<LocalId> listed_;
  EdgeCount unexplored_ = 0;  // arcs that lead to vertices not reached
};

// The masters among the sources; kNowhere for those of other ranks.
std::vector<LocalId> find_here(const DistributedGraph& graph, std::span<const GlobalId> sources) {
  std::vector<std::size_t> by_id(sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) by_id[i] = i;
  const auto id_of = [&](std::size_t i) { return sources[i]; };
  std::ranges::sort(by_id, {}, id_of);
  std::vector<LocalId> here(sources.size(), Dependencies<double>::kNowhere);
  for (LocalId v = 0; v < graph.masters(); ++v)
    for (const std::size_t i : std::ranges::equal_range(by_id, graph.global_id(v), {}, id_of)) here[i] = v;
  return here;
}

}  // namespace

BetweennessResult sum_dependencies(const DistributedGraph& graph, std::span<const GlobalId> sources,
                                   const BetweennessOptions& options) {
  if (!graph.has_by_target() || !graph.has_by_source())
    throw_agreed(UsageError("betweenness needs the rows of both directions"));
  const Stopwatch whole;
  const parallel::Team team;
  Communicator& comm = graph.communicator();
  // Where one source has too many paths for doubles, the others will too.
  std::optional<Dependencies<double>> narrow(std::in_place, graph, options.direction);
  std::optional<Dependencies<long double>> wide;
  BetweennessResult result;
  result.scores = BigArray<double>(graph.masters());
  for (const LocalId here : find_here(graph, sources)) {
    const Stopwatch watch;
    const std::uint64_t bytes = comm.bytes_sent();
    std::optional<std::uint64_t> reached;
    if (narrow) reached = narrow->add(here, result.scores);
    if (!reached) {
      narrow.reset();
      if (!wide) wide.emplace(graph, options.direction);
      reached = wide->add(here, result.scores);
    }
    if (!reached) throw_agreed(ResourceError("betweenness: two vertices have more than 1e4900 shortest paths"));
    SuperstepRecord step;
    step.active = step.updates = *reached;
    step.seconds = step.compute_seconds = watch.seconds();
    step.bytes_sent = comm.sum(comm.bytes_sent() - bytes);
    result.record.supersteps.push_back(step);
    result.record.updates += *reached;
    if (options.on_superstep) options.on_superstep(step);
  }
  result.record.converged = true;
  result.record.seconds = whole.seconds();
  return result;
}

}  // namespace gasket
