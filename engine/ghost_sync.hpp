#pragma once
// The two verbs that keep ghosts in step: reduce (what arcs wrote to ghosts goes to the master) and broadcast (the master's
// value goes to the ghosts that arcs read). Both sides walk the ghost plan in the same order, so only values travel, and of
// those only the ones that changed (codec.hpp).

#include <algorithm>
#include <vector>

#include "engine/bitmap.hpp"
#include "engine/codec.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/graph/ghost_plan.hpp"

namespace gasket {

/// Values sent and left out, for the run record.
struct SyncCounts {
  std::uint64_t sent = 0;
  std::uint64_t skipped = 0;
};

/// Messages of one verb with one value type. T may be empty: then only positions travel.
template <class T>
class GhostSync {
 public:
  GhostSync(Communicator& comm, const GhostPlan& plan, Flow flow, Tag tag)
      : comm_(&comm), plan_(&plan), flow_(flow), tag_(tag), frames_(plan.peers.size()), positions_(plan.peers.size()),
        mails_(plan.peers.size()), sends_(plan.peers.size()) {}

  /// Reduce: asks for what the other ranks' ghosts of our masters will send.
  void start_reduce() {
    start([&](const GhostPlan::Peer& peer) { return peer.copies.written(flow_).size(); },
          [&](const GhostPlan::Peer& peer) { return peer.ghosts.written(flow_).size(); });
  }
  /// Reduce: sends value_at(ghost) of those of peer i's written ghosts for which chosen(ghost) holds.
  template <class Chosen, class ValueAt>
  void send_reduce(std::size_t i, const Chosen& chosen, const ValueAt& value_at) {
    const GhostPlan::Range range = plan_->peers[i].ghosts.written(flow_);
    send(i, range.size(), [&](std::uint32_t p) { return static_cast<LocalId>(range.begin + p); }, chosen, value_at);
  }
  /// Reduce: calls take(master, value) for all that arrived, peer after peer, then waits for the own messages.
  template <class Take>
  void finish_reduce(const Take& take) {
    finish([&](const GhostPlan::Peer& peer) { return peer.copies.written(flow_); },
           [&](const GhostPlan::Peer& peer, std::size_t position, const T& value) { take(peer.masters[position], value); });
  }

  /// Broadcast: asks for what the owners of our ghosts will send.
  void start_broadcast() { start_to_ghosts(flow_); }
  /// Broadcast: sends value_at(master) of those masters with a reading copy at peer i for which chosen(master) holds.
  template <class Chosen, class ValueAt>
  void send_broadcast(std::size_t i, const Chosen& chosen, const ValueAt& value_at) {
    send_to_ghosts(flow_, i, chosen, value_at);
  }
  /// Broadcast: calls take(ghost, value) for all that arrived, then waits for the own messages.
  template <class Take>
  void finish_broadcast(const Take& take) {
    finish_to_ghosts(flow_, take);
  }

  SyncCounts take_counts() { return std::exchange(counts_, {}); }

 private:
  template <class Incoming, class Outgoing>
  void start(const Incoming& incoming, const Outgoing& outgoing) {
    for (std::size_t i = 0; i < plan_->peers.size(); ++i) {
      const GhostPlan::Peer& peer = plan_->peers[i];
      if (const std::size_t length = incoming(peer); length > 0)
        comm_->start_mail(mails_[i], peer.rank, tag_, max_encoded(length, width));
      frames_[i].clear();
      positions_[i].reserve(outgoing(peer));
    }
  }

 public:
  /// Broadcast along another flow than the constructor's; for awake bits, which go to the ghosts that arcs write to.
  void start_to_ghosts(Flow flow) {
    start([&](const GhostPlan::Peer& peer) { return peer.ghosts.read(flow).size(); },
          [&](const GhostPlan::Peer& peer) { return peer.copies.read(flow).size(); });
  }
  template <class Chosen, class ValueAt>
  void send_to_ghosts(Flow flow, std::size_t i, const Chosen& chosen, const ValueAt& value_at) {
    const GhostPlan::Peer& peer = plan_->peers[i];
    const GhostPlan::Range range = peer.copies.read(flow);
    send(i, range.size(), [&](std::uint32_t p) { return peer.masters[range.begin + p]; }, chosen, value_at);
  }
  template <class Take>
  void finish_to_ghosts(Flow flow, const Take& take) {
    finish([&](const GhostPlan::Peer& peer) { return peer.ghosts.read(flow); },
           [&](const GhostPlan::Peer&, std::size_t ghost, const T& value) { take(static_cast<LocalId>(ghost), value); });
  }

 private:
  static constexpr std::size_t width = std::is_empty_v<T> ? 0 : sizeof(T);

  template <class IdAt, class Chosen, class ValueAt>
  void send(std::size_t i, std::size_t length, const IdAt& id_at, const Chosen& chosen, const ValueAt& value_at) {
    if (length == 0) return;
    std::vector<std::uint32_t>& positions = positions_[i];
    positions.clear();
    for (std::uint32_t p = 0; p < length; ++p)
      if (chosen(id_at(p))) positions.push_back(p);
    counts_.sent += positions.size();
    counts_.skipped += length - positions.size();
    std::vector<std::byte>& frame = frames_[i];
    frame.resize(Communicator::kMailHeader);
    encode<T>(length, positions, [&](std::uint32_t p) { return value_at(id_at(p)); }, frame);
    sends_[i] = comm_->send_mail(plan_->peers[i].rank, tag_, frame);
  }

  template <class RangeOf, class Take>
  void finish(const RangeOf& range_of, const Take& take) {
    for (std::size_t i = 0; i < plan_->peers.size(); ++i) {
      const GhostPlan::Peer& peer = plan_->peers[i];
      const GhostPlan::Range range = range_of(peer);
      if (range.size() == 0) continue;
      comm_->wait(mails_[i]);
      decode<T>(range.size(), mails_[i].bytes(),
                [&](std::size_t p, const T& value) { take(peer, range.begin + p, value); });
    }
    for (std::size_t i = 0; i < sends_.size(); ++i) comm_->wait(sends_[i]);
  }

  Communicator* comm_;
  const GhostPlan* plan_;
  Flow flow_;
  Tag tag_;
  std::vector<std::vector<std::byte>> frames_;
  std::vector<std::vector<std::uint32_t>> positions_;
  std::vector<Communicator::Mail> mails_;
  std::vector<Pending> sends_;
  SyncCounts counts_;
};

}  // namespace gasket
