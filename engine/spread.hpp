#pragma once
// Something spreads over arcs until it moves no further: a mark, or the smallest of some values. What a rank can do
// alone it does at once, frontier after frontier; only then do ghosts tell their masters and masters their ghosts what
// they have taken. So the number of exchanges depends on how often a path changes ranks, not on its length.

#include <atomic>
#include <cstdint>
#include <vector>

#include "engine/ghost_sync.hpp"
#include "partition/bitmap.hpp"
#include "partition/graph/distributed_graph.hpp"
#include "partition/parallel.hpp"

namespace gasket {

/// T is what a copy of a vertex tells another of itself; an empty T says no more than that it was reached.
template <class T>
class Spread {
 public:
  /// Spreads along the arcs (forward: the graph needs by_source()) or against them (backward: by_target()).
  Spread(const DistributedGraph& graph, Flow flow)
      : graph_(graph),
        flow_(flow),
        rows_(flow == Flow::forward ? graph.by_source() : graph.by_target()),
        reduce_(graph.communicator(), graph.ghost_plan(), Tag::reduce),
        broadcast_(graph.communicator(), graph.ghost_plan(), Tag::broadcast),
        queued_(graph.locals()),
        master_news_(graph.masters()),
        ghost_news_(graph.locals()),
        found_(static_cast<std::size_t>(parallel::threads())) {}

  /// Begins at those masters for which first(master) holds. Then
  ///   give(from, to)   offers what `from` has to a neighbour; true when that took it. By several workers at once.
  ///   value(v)         what other copies of v shall be told
  ///   take(v, value)   tells a copy; true when that was news
  /// Collective.
  template <class First, class Give, class Value, class Take>
  void run(const First& first, const Give& give, const Value& value, const Take& take) {
    for (LocalId v = 0; v < graph_.masters(); ++v)
      if (first(v)) reached(v);
    for (Communicator& comm = graph_.communicator();;) {
      spread_here(give);
      if (comm.size() == 1) break;
      tell_masters(value, take);
      tell_ghosts(value, take);
      if (!comm.any(!gather().empty())) break;
    }
  }

 private:
  static constexpr std::size_t kGrain = 64;

  // Puts v into the next frontier; other copies will be told. By several workers at once.
  void reached(LocalId v) {
    if (graph_.communicator().size() > 1) (v < graph_.masters() ? master_news_ : ghost_news_).insert_shared(v);
    if (set_queued(v, 1) == 0) found_[static_cast<std::size_t>(parallel::worker_index())].push_back(v);
  }
  // Whoever finds v queued has written what it gave before v is spread, and who spreads v then sees it.
  std::uint8_t set_queued(LocalId v, std::uint8_t queued) {
    return std::atomic_ref<std::uint8_t>(queued_[v]).exchange(queued, std::memory_order_acq_rel);
  }

  const std::vector<LocalId>& gather() {
    for (std::vector<LocalId>& list : found_) {
      frontier_.insert(frontier_.end(), list.begin(), list.end());
      list.clear();
    }
    return frontier_;
  }

  template <class Give>
  void spread_here(const Give& give) {
    while (!gather().empty()) {
      std::swap(frontier_, current_);
      frontier_.clear();
      parallel::for_ranges(current_.size(), kGrain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          const LocalId v = current_[i];
          set_queued(v, 0);  // first: what v takes from now on is spread in the next frontier
          for (const LocalId u : rows_.row(v))
            if (give(v, u)) reached(u);
        }
      });
    }
  }

  template <class Value, class Take>
  void tell_masters(const Value& value, const Take& take) {
    reduce_.start_reduce(flow_);
    for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i)
      reduce_.send_reduce(
          flow_, i, [&](LocalId ghost) { return ghost_news_.contains(ghost); }, value);
    ghost_news_.clear();
    reduce_.finish_reduce(flow_, [&](LocalId master, const T& told) {
      if (take(master, told)) reached(master);
    });
  }

  template <class Value, class Take>
  void tell_ghosts(const Value& value, const Take& take) {
    broadcast_.start_broadcast(flow_);
    for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i)
      broadcast_.send_broadcast(
          flow_, i, [&](LocalId master) { return master_news_.contains(master); }, value);
    master_news_.clear();
    broadcast_.finish_broadcast(flow_, [&](LocalId ghost, const T& told) {
      if (take(ghost, told)) reached(ghost);
    });
    ghost_news_.clear();  // they have it from their masters
  }

  const DistributedGraph& graph_;
  Flow flow_;
  const Adjacency& rows_;
  GhostSync<T> reduce_;
  GhostSync<T> broadcast_;
  BigArray<std::uint8_t> queued_;
  Bitmap master_news_;  // those that have taken something their other copies have not heard of
  Bitmap ghost_news_;
  std::vector<std::vector<LocalId>> found_;  // by worker
  std::vector<LocalId> frontier_;
  std::vector<LocalId> current_;
};

}  // namespace gasket
