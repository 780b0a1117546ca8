#pragma once
// What masters and ghosts of a level tell each other in the sweeps of betweenness, of one value per vertex. A level
// that holds many of a rank's vertices is searched for among all of them; the vertices of a small one are listed.

#include <algorithm>
#include <span>
#include <vector>

#include "engine/copy_index.hpp"
#include "engine/ghost_sync.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

template <class Count>
class LevelMessages {
 public:
  explicit LevelMessages(const DistributedGraph& graph)
      : graph_(graph),
        reduce_(graph.communicator(), graph.ghost_plan(), Tag::reduce),
        broadcast_(graph.communicator(), graph.ghost_plan(), Tag::broadcast),
        readers_(graph.ghost_plan(), graph.masters(), Flow::forward),
        writers_(graph.ghost_plan(), graph.masters(), Flow::backward) {}

  /// Sends the values of a level's masters to their ghosts that the flow reads, into the same array; calls take(ghost)
  /// when it is there. in_level(master) tells the level's among all masters.
  template <class InLevel, class Take>
  void tell_ghosts(Flow flow, std::span<const LocalId> masters, const InLevel& in_level, BigArray<Count>& values,
                   const Take& take) {
    if (alone()) return;
    const auto value_at = [&](LocalId v) { return values[v]; };
    broadcast_.start_broadcast(flow);
    if (masters.size() > graph_.masters() / kFewMasters) {
      for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i)
        broadcast_.send_broadcast(flow, i, in_level, value_at);
    } else {
      const CopyIndex& copies = flow == Flow::forward ? readers_ : writers_;
      const std::vector<std::vector<std::uint32_t>> positions = copies.positions_of(masters);
      for (std::size_t i = 0; i < positions.size(); ++i)
        broadcast_.send_broadcast(flow, i, std::span<const std::uint32_t>(positions[i]), value_at);
    }
    broadcast_.finish_broadcast(flow, [&](LocalId ghost, Count value) {
      values[ghost] = value;
      take(ghost);
    });
  }

  /// Sends what `ghosts` have to their masters: calls take(master, value) there. chosen(ghost) tells those with
  /// something among all.
  template <class Chosen, class Take>
  void tell_masters(Flow flow, std::span<const LocalId> ghosts, const Chosen& chosen, const BigArray<Count>& values,
                    const Take& take) {
    if (alone()) return;
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

 private:
  // A level of less than this part of the masters, or ghosts, is listed.
  static constexpr std::size_t kFewMasters = 32, kFewGhosts = 64;

  bool alone() const { return graph_.communicator().size() == 1; }

  const DistributedGraph& graph_;
  GhostSync<Count> reduce_;
  GhostSync<Count> broadcast_;
  CopyIndex readers_;  // copies with arcs onwards
  CopyIndex writers_;  // copies with arcs back
  std::vector<LocalId> listed_;
};

}  // namespace gasket
