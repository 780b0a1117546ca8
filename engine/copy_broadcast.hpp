#pragma once
// Some masters tell their copies their values. A few look their copies up; for many all copies are gone through, with a
// bitmap of the masters.

#include <span>
#include <vector>

#include "engine/copy_lookup.hpp"
#include "engine/ghost_sync.hpp"
#include "partition/bitmap.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

template <class T>
class CopyBroadcast {
 public:
  /// To copies that arcs read under the flow. Memory: that of CopyLookup, a bit per master, and the messages; nothing on a
  /// rank that shares no vertices.
  CopyBroadcast(const DistributedGraph& graph, Flow flow)
      : graph_(graph),
        flow_(flow),
        sync_(graph.communicator(), graph.ghost_plan(), Tag::broadcast),
        copies_(graph.ghost_plan(), graph.masters(), flow),
        telling_(graph.ghost_plan().peers.empty() ? 0 : graph.masters()) {}

  bool has_copies(LocalId master) const { return copies_.has_copies(master); }
  /// Whether so many masters are told of as a bitmap.
  bool are_many(std::size_t masters) const {
    return masters > copies_.size() / kFewToCopies && masters > graph_.masters() / kFewToMasters;
  }

  /// Sends value_at(master) of the members to their copies. finish() has to follow.
  template <class ValueAt>
  void send(const Bitmap& masters, const ValueAt& value_at) {
    sync_.start_broadcast(flow_);
    for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i)
      sync_.send_broadcast(
          flow_, i, [&](LocalId v) { return masters.contains(v); }, value_at);
  }
  /// The same of masters in any order, and maybe several times.
  template <class ValueAt>
  void send(std::span<const LocalId> masters, const ValueAt& value_at) {
    if (graph_.ghost_plan().peers.empty()) return;  // there is nobody to tell
    if (are_many(masters.size())) {
      telling_.clear();
      for (const LocalId v : masters) telling_.insert(v);
      return send(telling_, value_at);
    }
    const auto positions = copies_.positions_of(masters);
    sync_.start_broadcast(flow_);
    for (std::size_t i = 0; i < positions.size(); ++i)
      sync_.send_broadcast(flow_, i, std::span<const std::uint32_t>(positions[i]), value_at);
  }
  /// Calls take(ghost, value) for all that arrived.
  template <class Take>
  void finish(const Take& take) {
    sync_.finish_broadcast(flow_, take);
  }

  SyncCounts take_counts() { return sync_.take_counts(); }

 private:
  // Fewer masters than one in so many copies, or in so many masters, are looked up one by one.
  static constexpr std::size_t kFewToCopies = 32, kFewToMasters = 512;

  const DistributedGraph& graph_;
  Flow flow_;
  GhostSync<T> sync_;
  CopyLookup copies_;
  Bitmap telling_;
};

}  // namespace gasket
