#pragma once
// The values of a frontier's masters travel to their copies on other ranks, which join the frontier there.

#include <span>
#include <utility>
#include <vector>

#include "engine/copy_broadcast.hpp"
#include "engine/frontier.hpp"
#include "engine/vertex_queue.hpp"
#include "engine/vertex_values.hpp"
#include "partition/bitmap.hpp"

namespace gasket {

template <class P>
class FrontierCopies {
  static constexpr bool kSearch = ProgramTraits<P>::first_offer_is_best;
  using Ghost = GhostOf<P>;

 public:
  /// `marks`: who has taken an offer; of a search, copies are marked when they hear that their master has. Memory: that of
  /// CopyBroadcast, and 8 bytes per ghost that is told early.
  FrontierCopies(const DistributedGraph& graph, Flow flow, VertexValues<P>& values, Bitmap& marks)
      : graph_(graph), values_(values), marks_(marks), broadcast_(graph, flow) {}

  /// The masters in the frontier start to tell their copies, but for those that have told them. Collective, and
  /// finish_telling() has to follow.
  void start_telling(Frontier<kSearch>& frontier) {
    const std::size_t told = std::exchange(told_, 0);
    if (graph_.ghost_plan().peers.empty()) return;
    const std::span<const LocalId> untold = frontier.ids().subspan(told);
    if (told == 0 && broadcast_.are_many(untold.size())) {
      frontier.fill_members();
      send(frontier.members());
    } else {
      send(untold);
    }
  }
  /// The copies join the frontier.
  void finish_telling(Frontier<kSearch>& frontier) {
    if (graph_.ghost_plan().peers.empty()) return;
    for (const LocalId ghost : told_ghosts_) frontier.push(ghost);
    told_ghosts_.clear();
    take([&](LocalId ghost) { frontier.push(ghost); });
  }

  /// The masters that will be in the next frontier, as far as they have been found, tell their copies already, which then
  /// need not search themselves. Collective.
  void tell_early(const VertexQueue& found, Frontier<kSearch>& frontier) {
    if (graph_.ghost_plan().peers.empty()) return;
    if (broadcast_.are_many(found.size()))
      send(frontier.fill_next(found, marks_));
    else
      send(found.ids());
    told_ = found.size();
    take([&](LocalId ghost) { told_ghosts_.push_back(ghost); });
  }

  SyncCounts take_counts() { return broadcast_.take_counts(); }

 private:
  void send(const Bitmap& masters) { broadcast_.send(masters, ValueAt{values_}); }
  void send(std::span<const LocalId> masters) { broadcast_.send(masters, ValueAt{values_}); }
  struct ValueAt {
    const VertexValues<P>& values;
    const Ghost& operator()(LocalId v) const { return values.ghost(v); }
  };
  template <class Arrived>
  void take(const Arrived& arrived) {
    broadcast_.finish([&](LocalId ghost, const Ghost& value) {
      values_.ghost_array()[ghost] = value;
      if constexpr (kSearch) marks_.insert(ghost);
      arrived(ghost);
    });
  }

  const DistributedGraph& graph_;
  VertexValues<P>& values_;
  Bitmap& marks_;
  CopyBroadcast<Ghost> broadcast_;
  std::size_t told_ = 0;              // of the next frontier, so many masters have told their copies,
  std::vector<LocalId> told_ghosts_;  // and these copies have been told
};

}  // namespace gasket
