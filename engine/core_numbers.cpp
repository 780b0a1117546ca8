#include "engine/core_numbers.hpp"

#include <algorithm>
#include <atomic>
#include <limits>

#include "engine/ghost_sync.hpp"
#include "engine/row_blocks.hpp"
#include "engine/run_meter.hpp"
#include "engine/step.hpp"
#include "partition/bitmap.hpp"
#include "partition/team.hpp"

namespace gasket {
namespace {

using Degree = std::uint32_t;

class Peeling {
  struct Nothing {};

 public:
  explicit Peeling(const DistributedGraph& graph)
      : graph_(graph),
        comm_(graph.communicator()),
        flow_(graph.directed() ? Flow::both : Flow::forward),
        around_{&graph.by_source(), graph.directed() ? &graph.by_target() : nullptr},
        losses_(comm_, graph.ghost_plan(), Tag::reduce),
        removals_(comm_, graph.ghost_plan(), Tag::broadcast),
        degrees_(graph.locals()),
        gone_(graph.masters()),
        told_(graph.masters()),
        cores_(graph.masters()),
        found_(static_cast<std::size_t>(parallel::threads())) {}

  CoreNumbersResult run() {
    const RunMeter run_meter(comm_);
    const parallel::Team team;
    count_degrees();
    left_.resize(graph_.masters());
    for (LocalId v = 0; v < graph_.masters(); ++v) left_[v] = v;
    CoreNumbersResult result;
    for (std::uint64_t left = graph_.vertices(); left > 0;) {
      const StepMeter meter(comm_);
      core_ = comm_.min(fewest_edges());
      const std::uint64_t peeled = comm_.sum(peel());
      left -= peeled;
      result.record.supersteps.push_back(meter.finish(peeled));
      result.record.updates += peeled;
      result.highest = core_;
    }
    result.cores = std::move(cores_);
    result.record.converged = true;
    run_meter.finish(result.record);
    return result;
  }

 private:
  static constexpr std::size_t kGrain = 64;

  // -- Degrees ------------------------------------------------------------------------------------------------

  // Of masters the edges they have left; of ghosts those that went and their masters have not heard of.
  void count_degrees() {
    const RowSets rows{&graph_.by_target(), graph_.directed() ? &graph_.by_source() : nullptr};
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      for (auto v = static_cast<LocalId>(begin); v < end; ++v)
        for (const Adjacency* set : rows)
          if (set != nullptr) degrees_[v] += static_cast<Degree>(set->degree(v) - count_self_loops(*set, v));
    });
    const auto any = [](LocalId) { return true; };
    losses_.start_reduce(flow_);
    for (std::size_t i = 0; i < peers(); ++i)
      losses_.send_reduce(flow_, i, any, [&](LocalId ghost) { return degrees_[ghost]; });
    losses_.finish_reduce(flow_, [&](LocalId master, Degree more) { degrees_[master] += more; });
    std::fill(degrees_.begin() + graph_.masters(), degrees_.end(), 0);
  }

  static EdgeCount count_self_loops(const Adjacency& rows, LocalId v) {
    const auto loops = std::ranges::equal_range(rows.row(v), v);
    return static_cast<EdgeCount>(loops.size());
  }

  // -- A core number ------------------------------------------------------------------------------------------

  // Leaves out of left_ who has gone.
  Degree fewest_edges() {
    Degree fewest = std::numeric_limits<Degree>::max();
    std::size_t kept = 0;
    for (const LocalId v : left_) {
      if (gone_.contains(v)) continue;
      left_[kept++] = v;
      fewest = std::min(fewest, degrees_[v]);
    }
    left_.resize(kept);
    return fewest;
  }

  // Peels all masters of core number core_; returns how many they are here.
  std::uint64_t peel() {
    std::uint64_t peeled = 0;
    for (const LocalId v : left_)
      if (degrees_[v] <= core_) current_.push_back(v);
    for (;;) {
      for (; !current_.empty(); gather()) {
        peeled += count_masters();
        take_away_edges();
      }
      if (comm_.size() == 1) return peeled;
      tell_masters();
      tell_ghosts();
      gather();
      if (!comm_.any(!current_.empty())) return peeled;
    }
  }

  std::uint64_t count_masters() {
    std::uint64_t masters = 0;
    for (const LocalId v : current_) {
      if (v >= graph_.masters()) continue;
      ++masters;
      gone_.insert(v);
      cores_[v] = core_;
      if (comm_.size() > 1) news_.push_back(v);
    }
    return masters;
  }

  void take_away_edges() {
    parallel::for_ranges(current_.size(), kGrain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i)
        for (const Adjacency* rows : around_)
          if (rows != nullptr)
            for (const LocalId u : rows->row(current_[i]))
              if (u != current_[i]) lose_edge(u);
    });
  }

  // Whoever takes a master's edges down to core_ puts it into the next frontier; there it stays whatever else it loses.
  void lose_edge(LocalId v) {
    std::atomic_ref<Degree> degree(degrees_[v]);
    if (v >= graph_.masters()) {
      degree.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    Degree before = degree.load(std::memory_order_relaxed);
    while (before > core_)
      if (degree.compare_exchange_weak(before, before - 1, std::memory_order_relaxed)) {
        if (before - 1 == core_) found_[static_cast<std::size_t>(parallel::worker_index())].push_back(v);
        return;
      }
  }

  void gather() {
    current_.clear();
    for (std::vector<LocalId>& list : found_) {
      current_.insert(current_.end(), list.begin(), list.end());
      list.clear();
    }
  }

  // -- Ghosts -------------------------------------------------------------------------------------------------

  std::size_t peers() const { return graph_.ghost_plan().peers.size(); }

  void tell_masters() {
    losses_.start_reduce(flow_);
    for (std::size_t i = 0; i < peers(); ++i) {
      losses_.send_reduce(
          flow_, i, [&](LocalId ghost) { return degrees_[ghost] != 0; },
          [&](LocalId ghost) { return degrees_[ghost]; });
      const GhostPlan::Range range = graph_.ghost_plan().peers[i].ghosts.written(flow_);
      std::fill(degrees_.begin() + range.begin, degrees_.begin() + range.end, 0);
    }
    losses_.finish_reduce(flow_, [&](LocalId master, Degree lost) {
      const Degree before = degrees_[master];
      if (before <= core_) return;
      degrees_[master] = before - core_ > lost ? before - lost : core_;
      if (degrees_[master] == core_) found_[0].push_back(master);
    });
  }

  // Of the masters that went; their ghosts take their edges away where they are.
  void tell_ghosts() {
    for (const LocalId v : news_) told_.insert(v);
    removals_.start_broadcast(flow_);
    for (std::size_t i = 0; i < peers(); ++i)
      removals_.send_broadcast(
          flow_, i, [&](LocalId master) { return told_.contains(master); }, [](LocalId) { return Nothing{}; });
    removals_.finish_broadcast(flow_, [&](LocalId ghost, Nothing) { found_[0].push_back(ghost); });
    for (const LocalId v : news_) told_.erase(v);
    news_.clear();
  }

  const DistributedGraph& graph_;
  Communicator& comm_;
  Flow flow_;
  RowSets around_;  // from a vertex to those that lose an edge with it
  GhostSync<Degree> losses_;
  GhostSync<Nothing> removals_;
  BigArray<Degree> degrees_;
  Bitmap gone_;
  Bitmap told_;
  BigArray<std::uint32_t> cores_;
  Degree core_ = 0;
  std::vector<LocalId> left_;
  std::vector<LocalId> current_;             // masters that go, and ghosts whose masters went
  std::vector<LocalId> news_;                // masters that went since ghosts were told
  std::vector<std::vector<LocalId>> found_;  // by worker: the next frontier
};

}  // namespace

CoreNumbersResult find_core_numbers(const DistributedGraph& graph) {
  if (!graph.has_by_target() || !graph.has_by_source())
    throw_agreed(UsageError("core numbers need the rows of both directions"));
  return Peeling(graph).run();
}

}  // namespace gasket
