#pragma once
// The values of a frontier's masters travel to their copies on other ranks, which join the frontier there.

#include <span>
#include <utility>
#include <vector>

#include "engine/copy_index.hpp"
#include "engine/frontier.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/step.hpp"
#include "engine/vertex_queue.hpp"
#include "engine/vertex_values.hpp"
#include "partition/bitmap.hpp"

namespace gasket {

template <class P>
class FrontierCopies {
  static constexpr bool kSearch = ProgramTraits<P>::first_offer_is_best;
  using Ghost = GhostOf<P>;

 public:
  /// `marks`: who has taken an offer; of a search, copies are marked when they hear that their master has. Memory: 8 bytes
  /// per master and copy of one, a bit per master, 8 bytes per ghost that is told early, and the messages.
  FrontierCopies(const DistributedGraph& graph, Flow flow, VertexValues<P>& values, Bitmap& marks, WaitClock& clock)
      : graph_(graph),
        flow_(flow),
        values_(values),
        marks_(marks),
        clock_(clock),
        broadcast_(graph.communicator(), graph.ghost_plan(), Tag::broadcast),
        copies_(graph.ghost_plan(), graph.masters(), flow),
        untold_(graph.ghost_plan().peers.empty() ? 0 : graph.masters()) {}

  /// The masters in the frontier tell their copies, but for those that have. Collective.
  void tell(Frontier<kSearch>& frontier) {
    const std::size_t told = std::exchange(told_, 0);
    if (graph_.ghost_plan().peers.empty()) return;
    const std::span<const LocalId> untold = frontier.ids().subspan(told);
    if (!are_many(untold.size())) {
      send(untold);
    } else if (told == 0) {
      frontier.fill_members();
      send(frontier.members());
    } else {
      untold_.clear();
      for (const LocalId v : untold) untold_.insert(v);
      send(untold_);
    }
    for (const LocalId ghost : told_ghosts_) frontier.push(ghost);
    told_ghosts_.clear();
    take([&](LocalId ghost) { frontier.push(ghost); });
  }

  /// The masters that will be in the next frontier, as far as they have been found, tell their copies already, which then
  /// need not search themselves. Collective.
  void tell_early(const VertexQueue& found, Frontier<kSearch>& frontier) {
    if (graph_.ghost_plan().peers.empty()) return;
    if (are_many(found.size()))
      send(frontier.fill_next(found, marks_));
    else
      send(found.ids());
    told_ = found.size();
    take([&](LocalId ghost) { told_ghosts_.push_back(ghost); });
  }

  SyncCounts take_counts() { return broadcast_.take_counts(); }

 private:
  // Fewer masters than one in so many copies, or in so many masters, are looked up one by one; for more all copies are gone
  // through, with a bitmap of the masters.
  static constexpr std::size_t kFewToCopies = 32, kFewToMasters = 512;

  bool are_many(std::size_t masters) const {
    return masters > copies_.size() / kFewToCopies && masters > graph_.masters() / kFewToMasters;
  }

  void send(const Bitmap& masters) {
    broadcast_.start_broadcast(flow_);
    for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i)
      broadcast_.send_broadcast(
          flow_, i, [&](LocalId v) { return masters.contains(v); },
          [&](LocalId v) -> const Ghost& { return values_.ghost(v); });
  }
  void send(std::span<const LocalId> masters) {
    broadcast_.start_broadcast(flow_);
    const auto positions = copies_.positions_of(masters);
    for (std::size_t i = 0; i < positions.size(); ++i)
      broadcast_.send_broadcast(flow_, i, std::span<const std::uint32_t>(positions[i]),
                                [&](LocalId v) -> const Ghost& { return values_.ghost(v); });
  }
  template <class Arrived>
  void take(const Arrived& arrived) {
    clock_.waited([&] {
      broadcast_.finish_broadcast(flow_, [&](LocalId ghost, const Ghost& value) {
        values_.ghost_array()[ghost] = value;
        if constexpr (kSearch) marks_.insert(ghost);
        arrived(ghost);
      });
    });
  }

  const DistributedGraph& graph_;
  Flow flow_;
  VertexValues<P>& values_;
  Bitmap& marks_;
  WaitClock& clock_;
  GhostSync<Ghost> broadcast_;
  CopyIndex copies_;
  Bitmap untold_;                     // masters, where only some of the frontier have still to tell
  std::size_t told_ = 0;              // of the next frontier, so many masters have told their copies,
  std::vector<LocalId> told_ghosts_;  // and these copies have been told
};

}  // namespace gasket
