#pragma once
// What masters and ghosts of a level tell each other in the sweeps of betweenness, of one value per vertex. A level
// that holds many of a rank's ghosts is searched for among all of them; the ghosts of a small one are listed.

#include <algorithm>
#include <span>
#include <vector>

#include "engine/copy_broadcast.hpp"
#include "engine/ghost_sync.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

template <class Count>
class LevelMessages {
 public:
  explicit LevelMessages(const DistributedGraph& graph)
      : graph_(graph),
        reduce_(graph.communicator(), graph.ghost_plan(), Tag::reduce),
        forward_(graph, Flow::forward),
        backward_(graph, Flow::backward) {}

  /// Sends the values of a level's masters to their ghosts that the flow reads, into the same array; calls take(ghost)
  /// when it is there.
  template <class Take>
  void tell_ghosts(Flow flow, std::span<const LocalId> masters, BigArray<Count>& values, const Take& take) {
    if (alone()) return;
    CopyBroadcast<Count>& broadcast = flow == Flow::forward ? forward_ : backward_;
    broadcast.send(masters, [&](LocalId v) { return values[v]; });
    broadcast.finish([&](LocalId ghost, Count value) {
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
  static constexpr std::size_t kFewGhosts = 64;  // a level of less than this part of the ghosts is listed

  bool alone() const { return graph_.communicator().size() == 1; }

  const DistributedGraph& graph_;
  GhostSync<Count> reduce_;
  CopyBroadcast<Count> forward_;   // to copies with arcs onwards
  CopyBroadcast<Count> backward_;  // to copies with arcs back
  std::vector<LocalId> listed_;
};

}  // namespace gasket
