#pragma once
// The two verbs that keep ghosts in step: reduce (what arcs wrote to ghosts goes to the master) and broadcast (the
// master's value goes to the ghosts that arcs read). Both sides walk the ghost plan in the same order, so only values
// travel, and of those only the ones that changed (codec.hpp).

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
/// each peer, finish (take what has come, wait until the own messages are gone). `flow` is the way values move over the
/// arcs.
template <class T>
class GhostSync {
 public:
  GhostSync(Communicator& comm, const GhostPlan& plan, Tag tag)
      : comm_(&comm), plan_(&plan), tag_(tag), lanes_(plan.peers.size()) {}

  /// Reduce: what arcs wrote to ghosts goes to the masters.
  void start_reduce(Flow flow) {
    start([&](const GhostPlan::Peer& peer) { return peer.copies.written(flow).size(); });
  }
  /// Sends value_at(ghost) of those of peer i's written ghosts for which chosen(ghost) holds.
  template <class Chosen, class ValueAt>
  void send_reduce(Flow flow, std::size_t i, const Chosen& chosen, const ValueAt& value_at) {
    const GhostPlan::Range range = plan_->peers[i].ghosts.written(flow);
    send(
        i, range.size(), [&](std::size_t p) { return static_cast<LocalId>(range.begin + p); }, chosen, value_at);
  }
  /// Calls take(master, value) for all that arrived, peer after peer.
  template <class Take>
  void finish_reduce(Flow flow, const Take& take) {
    finish([&](const GhostPlan::Peer& peer) { return peer.copies.written(flow); },
           [&](const GhostPlan::Peer& peer, std::size_t p, const T& value) { take(peer.masters[p], value); });
  }

  /// Broadcast: the masters' values go to the ghosts that arcs read.
  void start_broadcast(Flow flow) {
    start([&](const GhostPlan::Peer& peer) { return peer.ghosts.read(flow).size(); });
  }
  /// Sends value_at(master) of those masters with a reading copy at peer i for which chosen(master) holds.
  template <class Chosen, class ValueAt>
  void send_broadcast(Flow flow, std::size_t i, const Chosen& chosen, const ValueAt& value_at) {
    const GhostPlan::Peer& peer = plan_->peers[i];
    const GhostPlan::Range range = peer.copies.read(flow);
    send(
        i, range.size(), [&](std::size_t p) { return peer.masters[range.begin + p]; }, chosen, value_at);
  }
  /// Calls take(ghost, value) for all that arrived.
  template <class Take>
  void finish_broadcast(Flow flow, const Take& take) {
    finish(
        [&](const GhostPlan::Peer& peer) { return peer.ghosts.read(flow); },
        [&](const GhostPlan::Peer&, std::size_t ghost, const T& value) { take(static_cast<LocalId>(ghost), value); });
  }

  SyncCounts take_counts() { return std::exchange(counts_, {}); }

 private:
  static constexpr std::size_t kWidth = std::is_empty_v<T> ? 0 : sizeof(T);

  // What is kept for one peer, so that its memory is used again.
  struct Lane {
    std::vector<std::uint32_t> positions;
    std::vector<std::byte> frame;
    Communicator::Mail mail;
    Pending sent;
  };

  template <class Length>
  void start(const Length& length_of) {
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      if (const std::size_t length = length_of(plan_->peers[i]); length > 0)
        comm_->start_mail(lanes_[i].mail, plan_->peers[i].rank, tag_, max_encoded(length, kWidth));
  }

  template <class IdAt, class Chosen, class ValueAt>
  void send(std::size_t i, std::size_t length, const IdAt& id_at, const Chosen& chosen, const ValueAt& value_at) {
    if (length == 0) return;
    Lane& lane = lanes_[i];
    lane.positions.clear();
    for (std::size_t p = 0; p < length; ++p)
      if (chosen(id_at(p))) lane.positions.push_back(static_cast<std::uint32_t>(p));
    counts_.sent += lane.positions.size();
    counts_.skipped += length - lane.positions.size();
    lane.frame.resize(Communicator::kMailHeader);
    encode<T>(
        length, lane.positions, [&](std::uint32_t p) { return value_at(id_at(p)); }, lane.frame);
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
