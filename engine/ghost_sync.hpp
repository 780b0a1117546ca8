#pragma once
// The two verbs that keep ghosts in step: reduce (what arcs wrote to ghosts goes to the master) and broadcast (the
// master's value goes to the ghosts that arcs read). Both sides walk the ghost plan in the same order, so only values
// travel, and of those only the ones that changed (codec.hpp).

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/codec.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/graph/ghost_plan.hpp"

namespace gasket {

/// Values sent and left out, for the run record.
struct SyncCounts {
  std::uint64_t sent = 0;
  std::uint64_t skipped = 0;
};

/// The messages of one value type, which may be empty: then only positions travel. One reduce or broadcast is under way
/// at a time. Every verb has three steps, so that work can go on between them: start (ask for what will come), send to
/// each peer, finish (take what has come, wait until the own messages are gone); progress() moves messages on in
/// between. `flow` is the way values move over the arcs.
template <class T>
class GhostSync {
 public:
  GhostSync(Communicator& comm, const GhostPlan& plan, Tag tag)
      : comm_(&comm), plan_(&plan), tag_(tag), lanes_(plan.peers.size()) {}

  // -- Reduce -----------------------------------------------------------------------------------------------
  void start_reduce(Flow flow) {
    start([&](const GhostPlan::Peer& peer) { return peer.copies.written(flow).size(); });
  }
  /// Sends value_at(ghost) of those of peer i's written ghosts for which chosen(ghost) holds.
  template <class Chosen, class ValueAt>
  void send_reduce(Flow flow, std::size_t i, const Chosen& chosen, const ValueAt& value_at) {
    const GhostPlan::Range range = plan_->peers[i].ghosts.written(flow);
    const auto id_at = [&](std::size_t p) { return static_cast<LocalId>(range.begin + p); };
    send(i, range.size(), choose(i, range.size(), [&](std::size_t p) { return chosen(id_at(p)); }),
         [&](std::size_t p) { return value_at(id_at(p)); });
  }
  /// Sends value_at(ghost) of the written ones among ascending ghosts, to all peers.
  template <class ValueAt>
  void send_reduce(Flow flow, std::span<const LocalId> ghosts, const ValueAt& value_at) {
    for (std::size_t i = 0; i < plan_->peers.size(); ++i) {
      const GhostPlan::Range range = plan_->peers[i].ghosts.written(flow);
      const auto first = std::ranges::lower_bound(ghosts, range.begin),
                 last = std::ranges::lower_bound(ghosts, range.end);
      std::vector<std::uint32_t>& positions = lanes_[i].positions;
      positions.resize(static_cast<std::size_t>(last - first));
      std::transform(first, last, positions.begin(),
                     [&](LocalId ghost) { return static_cast<std::uint32_t>(ghost - range.begin); });
      send(i, range.size(), positions, [&](std::size_t p) { return value_at(static_cast<LocalId>(range.begin + p)); });
    }
  }
  /// Calls take(master, value) for all that arrived, peer after peer.
  template <class Take>
  void finish_reduce(Flow flow, const Take& take) {
    finish([&](const GhostPlan::Peer& peer) { return peer.copies.written(flow); },
           [&](const GhostPlan::Peer& peer, std::size_t p, const T& value) { take(peer.masters[p], value); });
  }

  // -- Broadcast --------------------------------------------------------------------------------------------
  void start_broadcast(Flow flow) {
    start([&](const GhostPlan::Peer& peer) { return peer.ghosts.read(flow).size(); });
  }
  /// Sends value_at(master) of those masters with a reading copy at peer i for which chosen(master) holds.
  template <class Chosen, class ValueAt>
  void send_broadcast(Flow flow, std::size_t i, const Chosen& chosen, const ValueAt& value_at) {
    const GhostPlan::Peer& peer = plan_->peers[i];
    const GhostPlan::Range range = peer.copies.read(flow);
    const LocalId* const masters = peer.masters.data() + range.begin;
    send(i, range.size(), choose(i, range.size(), [&](std::size_t p) { return chosen(masters[p]); }),
         [&](std::size_t p) { return value_at(masters[p]); });
  }
  /// The same for ascending positions in the list of the copies that peer i reads.
  template <class ValueAt>
  void send_broadcast(Flow flow, std::size_t i, std::span<const std::uint32_t> positions, const ValueAt& value_at) {
    const GhostPlan::Peer& peer = plan_->peers[i];
    const GhostPlan::Range range = peer.copies.read(flow);
    send(i, range.size(), positions, [&](std::size_t p) { return value_at(peer.masters[range.begin + p]); });
  }
  /// Calls take(ghost, value) for all that arrived.
  template <class Take>
  void finish_broadcast(Flow flow, const Take& take) {
    finish(
        [&](const GhostPlan::Peer& peer) { return peer.ghosts.read(flow); },
        [&](const GhostPlan::Peer&, std::size_t ghost, const T& value) { take(static_cast<LocalId>(ghost), value); });
  }

  // -- Reduce of every written ghost ------------------------------------------------------------------------
  // Nothing is chosen and nothing encoded: a peer's ghosts are one range, so they are sent from where they lie.
  void start_reduce_all(Flow flow) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      Lane& lane = lanes_[i];
      if (const std::size_t length = plan_->peers[i].copies.written(flow).size(); lane.whole.size() < length)
        lane.whole = BigArray<T>(length);
      lane.arriving = comm_->receive(plan_->peers[i].rank, tag_, written_here(i, flow));
    }
  }
  /// `values` by local id; those of peer i's written ghosts must stay as they are until the reduce has finished.
  void send_reduce_all(Flow flow, std::size_t i, const BigArray<T>& values) {
    const GhostPlan::Range range = plan_->peers[i].ghosts.written(flow);
    lanes_[i].sent =
        comm_->send(plan_->peers[i].rank, tag_, std::span<const T>(values.data() + range.begin, range.size()));
    counts_.sent += range.size();
  }
  template <class Take>
  void finish_reduce_all(Flow flow, const Take& take) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      comm_->wait(lanes_[i].arriving);
      const GhostPlan::Peer& peer = plan_->peers[i];
      const GhostPlan::Range range = peer.copies.written(flow);
      for (std::size_t p = 0; p < range.size(); ++p) take(peer.masters[range.begin + p], lanes_[i].whole[p]);
    }
    for (Lane& lane : lanes_) comm_->wait(lane.sent);
  }

  /// Moves the network on. By the thread that talks to it.
  void progress() {
    for (Lane& lane : lanes_)
      if (!comm_->test(lane.sent) || !comm_->test(lane.arriving) || !comm_->test(lane.mail)) return;
  }

  SyncCounts take_counts() { return std::exchange(counts_, {}); }

 private:
  static constexpr std::size_t kWidth = std::is_empty_v<T> ? 0 : sizeof(T);

  // What is kept for one peer, so that its memory is used again.
  struct Lane {
    std::vector<std::uint32_t> positions;
    std::vector<std::byte> frame;
    Communicator::Mail mail;
    BigArray<T> whole;
    Pending arriving;
    Pending sent;
  };

  std::span<T> written_here(std::size_t i, Flow flow) {
    return lanes_[i].whole.span().first(plan_->peers[i].copies.written(flow).size());
  }

  template <class Length>
  void start(const Length& length_of) {
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      if (const std::size_t length = length_of(plan_->peers[i]); length > 0)
        comm_->start_mail(lanes_[i].mail, plan_->peers[i].rank, tag_, max_encoded(length, kWidth));
  }

  // The positions of a list of `length` for which chosen(position) holds.
  template <class Chosen>
  std::span<const std::uint32_t> choose(std::size_t i, std::size_t length, const Chosen& chosen) {
    std::vector<std::uint32_t>& positions = lanes_[i].positions;
    positions.resize(length);
    std::size_t count = 0;
    for (std::size_t p = 0; p < length; ++p) {
      positions[count] = static_cast<std::uint32_t>(p);
      count += chosen(p) ? 1 : 0;
    }
    return std::span(positions).first(count);
  }

  template <class ValueAt>
  void send(std::size_t i, std::size_t length, std::span<const std::uint32_t> positions, const ValueAt& value_at) {
    if (length == 0) return;
    Lane& lane = lanes_[i];
    counts_.sent += positions.size();
    counts_.skipped += length - positions.size();
    lane.frame.resize(Communicator::kMailHeader);
    encode<T>(length, positions, value_at, lane.frame);
    lane.sent = comm_->send_mail(plan_->peers[i].rank, tag_, lane.frame);
  }

  template <class RangeOf, class Take>
  void finish(const RangeOf& range_of, const Take& take) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      const GhostPlan::Peer& peer = plan_->peers[i];
      const GhostPlan::Range range = range_of(peer);
      if (range.size() == 0) continue;
      comm_->wait(lanes_[i].mail);
      decode<T>(range.size(), lanes_[i].mail.bytes(),
                [&](std::size_t p, const T& value) { take(peer, range.begin + p, value); });
    }
    for (Lane& lane : lanes_) comm_->wait(lane.sent);
  }

  Communicator* comm_;
  const GhostPlan* plan_;
  Tag tag_;
  std::vector<Lane> lanes_;
  SyncCounts counts_;
};

}  // namespace gasket
