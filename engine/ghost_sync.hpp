#pragma once
// The two verbs that keep ghosts in step: reduce (what arcs wrote to ghosts goes to the master) and broadcast (the
// master's value goes to the ghosts that arcs read). Both sides walk the ghost plan in the same order, so only values
// travel: those that are chosen (codec.hpp), or whole lists.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "engine/codec.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/graph/ghost_plan.hpp"
#include "partition/parallel.hpp"

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
      send(i, range.size(), PositionList(positions),
           [&](std::size_t p) { return value_at(static_cast<LocalId>(range.begin + p)); });
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
    send(i, range.size(), PositionList(positions),
         [&](std::size_t p) { return value_at(peer.masters[range.begin + p]); });
  }
  /// Calls take(ghost, value) for all that arrived.
  template <class Take>
  void finish_broadcast(Flow flow, const Take& take) {
    finish(
        [&](const GhostPlan::Peer& peer) { return peer.ghosts.read(flow); },
        [&](const GhostPlan::Peer&, std::size_t ghost, const T& value) { take(static_cast<LocalId>(ghost), value); });
  }

  // -- Whole lists ------------------------------------------------------------------------------------------
  // Nothing is chosen and nothing encoded. A peer's ghosts are one range, so they are sent from where they lie, and taken
  // there; so are masters that lie one behind the other, as where all vertices of a range have copies.

  void start_reduce_all(Flow flow) {
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      lanes_[i].arriving =
          comm_->receive(plan_->peers[i].rank, tag_, whole(i, plan_->peers[i].copies.written(flow).size()));
  }
  /// `values` by local id; those of peer i's written ghosts must stay as they are until the reduce has finished.
  void send_reduce_all(Flow flow, std::size_t i, const BigArray<T>& values) {
    const GhostPlan::Range range = plan_->peers[i].ghosts.written(flow);
    send_whole(i, {values.data() + range.begin, range.size()});
  }
  /// Calls take(master, value), peer after peer, and of one peer for several masters at once.
  template <class Take>
  void finish_reduce_all(Flow flow, const Take& take) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      comm_->wait(lanes_[i].arriving);
      const GhostPlan::Range range = plan_->peers[i].copies.written(flow);
      const LocalId* const masters = plan_->peers[i].masters.data() + range.begin;
      parallel::for_ranges(range.size(), kPackGrain, [&](std::size_t first, std::size_t last) {
        for (std::size_t p = first; p < last; ++p) take(masters[p], lanes_[i].whole[p]);
      });
    }
    for (Lane& lane : lanes_) comm_->wait(lane.sent);
  }

  /// What comes is written into `values`, by local id, until the broadcast has finished.
  void start_broadcast_all(Flow flow, BigArray<T>& values) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      const GhostPlan::Range range = plan_->peers[i].ghosts.read(flow);
      lanes_[i].arriving = comm_->receive(plan_->peers[i].rank, tag_, values.span().subspan(range.begin, range.size()));
    }
  }
  /// `values` by local id; those of masters must stay as they are until the broadcast has finished.
  void send_broadcast_all(Flow flow, std::size_t i, const BigArray<T>& values) {
    const GhostPlan::Range range = plan_->peers[i].copies.read(flow);
    const std::span<const LocalId> masters(plan_->peers[i].masters.data() + range.begin, range.size());
    std::optional<bool>& run = lanes_[i].runs[static_cast<std::size_t>(flow)];
    if (!run) run = is_run(masters);
    if (*run) return send_whole(i, {values.data() + (masters.empty() ? 0 : masters[0]), masters.size()});
    const std::span<T> packed = whole(i, masters.size());
    parallel::for_ranges(masters.size(), kPackGrain, [&](std::size_t first, std::size_t last) {
      for (std::size_t p = first; p < last; ++p) packed[p] = values[masters[p]];
    });
    send_whole(i, packed);
  }
  void finish_broadcast_all() {
    for (Lane& lane : lanes_) comm_->wait(lane.arriving);
    for (Lane& lane : lanes_) comm_->wait(lane.sent);
  }
  /// All three steps: ghosts get the values of their masters, where arcs read them.
  void broadcast_all(Flow flow, BigArray<T>& values) {
    start_broadcast_all(flow, values);
    for (std::size_t i = 0; i < lanes_.size(); ++i) send_broadcast_all(flow, i, values);
    finish_broadcast_all();
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
    std::vector<std::uint64_t> chosen;
    std::vector<std::byte> frame;
    Communicator::Mail mail;
    BigArray<T> whole;
    std::array<std::optional<bool>, 3> runs;  // by flow: whether the masters that the peer reads are consecutive
    Pending arriving;
    Pending sent;
  };

  static constexpr std::size_t kPackGrain = std::size_t{1} << 14;

  // Room for a list of peer i's.
  std::span<T> whole(std::size_t i, std::size_t length) {
    BigArray<T>& room = lanes_[i].whole;
    if (room.size() < length) room = BigArray<T>(length);
    return room.span().first(length);
  }
  void send_whole(std::size_t i, std::span<const T> values) {
    lanes_[i].sent = comm_->send(plan_->peers[i].rank, tag_, values);
    counts_.sent += values.size();
  }
  static bool is_run(std::span<const LocalId> ids) {
    for (std::size_t p = 1; p < ids.size(); ++p)
      if (ids[p] != ids[p - 1] + 1) return false;
    return true;
  }

  template <class Length>
  void start(const Length& length_of) {
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      if (const std::size_t length = length_of(plan_->peers[i]); length > 0)
        comm_->start_mail(lanes_[i].mail, plan_->peers[i].rank, tag_, max_encoded(length, kWidth));
  }

  // The positions of a list of `length` for which chosen(position) holds.
  template <class Chosen>
  PositionBits choose(std::size_t i, std::size_t length, const Chosen& chosen) {
    std::vector<std::uint64_t>& words = lanes_[i].chosen;
    words.resize((length + 63) / 64);
    for (std::size_t w = 0; w < words.size(); ++w) {
      const std::size_t first = 64 * w, count = std::min<std::size_t>(64, length - first);
      std::uint64_t bits = 0;
      for (std::size_t k = 0; k < count; ++k) bits |= std::uint64_t{chosen(first + k) ? 1u : 0u} << k;
      words[w] = bits;
    }
    return PositionBits(words);
  }

  template <class Positions, class ValueAt>
  void send(std::size_t i, std::size_t length, const Positions& positions, const ValueAt& value_at) {
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
