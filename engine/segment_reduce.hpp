#pragma once
// The reduce of values whose length varies (histograms): every ghost sends its master a segment of bytes. As in
// ghost_sync.hpp the segments go in the order of the ghost plan, without ids; here in one message per peer and round,
// where a round is a range of masters such that what arrives for them stays within a budget.

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/graph/ghost_plan.hpp"
#include "partition/parallel.hpp"

namespace gasket {

class SegmentReduce {
 public:
  /// Values move over the arcs as `flow` says. What the copies of master v send at one time weighs about costs[v]; a
  /// round weighs at most `budget`, or is one master. Collective. Memory: per ghost 4 bytes if there are several
  /// rounds, per copy of a master 12, per master 4.
  SegmentReduce(Communicator& comm, const GhostPlan& plan, Flow flow, std::span<const std::uint64_t> costs,
                std::uint64_t budget);

  /// The same on all ranks; 0 when no rank has a ghost that sends.
  std::size_t rounds() const { return rounds_; }
  /// The masters whose copies send in a round: begin .. end-1.
  LocalId begin(std::size_t round) const { return begins_[round]; }
  LocalId end(std::size_t round) const { return begins_[round + 1]; }
  bool has_copies(LocalId master) const { return copies(master) > 0; }
  std::uint32_t copies(LocalId master) const { return first_copy_[master + 1] - first_copy_[master]; }

  /// Starts a round: for each of its ghosts for which chosen(ghost) holds, sends bytes_of(ghost), a span that the
  /// worker may use again for the next. Both are called by all workers. Collective.
  template <class Chosen, class BytesOf>
  void send(std::size_t round, const Chosen& chosen, const BytesOf& bytes_of);
  /// Waits for what was started. chosen(master) is what chosen(ghost) was on the other ranks.
  template <class Chosen>
  void receive(std::size_t round, const Chosen& chosen);
  /// Bytes behind each segment that can be read, for readers that take more at a time than they use.
  static constexpr std::size_t kSlack = 8;
  /// Calls visit(bytes) with the segments of a master chosen in the round that was received last.
  template <class Visit>
  void for_each_segment(LocalId master, const Visit& visit) const {
    for (std::uint32_t i = first_copy_[master]; i < first_copy_[master + 1]; ++i) {
      const std::byte* at = segments_[slots_[i]];
      const std::size_t length = get_length(at, at + kMaxLength);  // read before, so it ends
      visit(std::span(at, length));
    }
  }

  /// Segments sent since the last call.
  std::uint64_t take_sent() { return std::exchange(sent_, 0); }

 private:
  static constexpr std::size_t kPiece = 128;  // positions that one worker encodes or finds at a time

  // The positions of a peer's list by round; within one as in the list.
  class Order {
   public:
    Order() = default;
    Order(std::span<const std::uint32_t> round_of, std::size_t rounds);
    std::size_t size(std::size_t round) const { return cuts_[round + 1] - cuts_[round]; }
    std::size_t at(std::size_t round, std::size_t i) const {
      return positions_.empty() ? i : positions_[cuts_[round] + i];
    }
    std::size_t pieces(std::size_t round) const { return (size(round) + kPiece - 1) / kPiece; }

   private:
    std::vector<std::size_t> cuts_;
    BigArray<std::uint32_t> positions_;  // empty when there is one round
  };
  struct Lane {
    Order outgoing, incoming;
    std::size_t first_slot = 0;  // of the copies at this peer
    std::vector<std::byte> frame;
    std::vector<std::byte> mail;  // and kSlack bytes
    Pending sent, received;
  };
  // What a worker made of one piece, in its own buffer.
  struct Piece {
    std::size_t worker = 0, begin = 0, size = 0;
  };
  struct Task {
    std::size_t peer, piece;
  };

  // In front of each segment: its length, 7 bits a byte.
  static constexpr std::size_t kMaxLength = 10;
  static void put_length(std::size_t length, std::vector<std::byte>& out) {
    for (; length >= 128; length >>= 7) out.push_back(static_cast<std::byte>(length | 128));
    out.push_back(static_cast<std::byte>(length));
  }
  static std::size_t get_length(const std::byte*& at, const std::byte* end) {
    std::size_t length = 0;
    for (std::size_t shift = 0; shift < 64; shift += 7) {
      if (at == end) break;
      const auto byte = static_cast<std::size_t>(*at++);
      length |= (byte & 127) << shift;
      if (byte < 128) return length;
    }
    damaged();
  }
  [[noreturn]] static void damaged();
  void cut_rounds(std::span<const std::uint64_t> costs, std::uint64_t budget);
  void agree_on_order();
  void index_copies(LocalId masters);
  GhostPlan::Range ghosts(std::size_t peer) const { return plan_->peers[peer].ghosts.written(flow_); }
  GhostPlan::Range positions(std::size_t peer) const { return plan_->peers[peer].copies.written(flow_); }
  template <class Pieces>
  std::vector<Task> tasks(const Pieces& pieces_of) const {
    std::vector<Task> all;
    for (std::size_t peer = 0; peer < lanes_.size(); ++peer)
      for (std::size_t piece = 0; piece < pieces_of(lanes_[peer]); ++piece) all.push_back({peer, piece});
    return all;
  }
  void start_messages(std::size_t round, std::span<const Piece> pieces);

  Communicator* comm_;
  const GhostPlan* plan_;
  Flow flow_;
  std::size_t rounds_ = 0;
  std::vector<LocalId> begins_;
  std::vector<Lane> lanes_;
  std::vector<std::vector<std::byte>> buffers_;  // per worker
  BigArray<std::uint32_t> first_copy_;           // masters + 1
  BigArray<std::uint32_t> slots_;                // of the copies of each master
  BigArray<const std::byte*> segments_;          // by slot
  std::uint64_t sent_ = 0;
};

template <class Chosen, class BytesOf>
void SegmentReduce::send(std::size_t round, const Chosen& chosen, const BytesOf& bytes_of) {
  const std::vector<Task> all = tasks([&](const Lane& lane) { return lane.outgoing.pieces(round); });
  buffers_.resize(std::max(buffers_.size(), static_cast<std::size_t>(parallel::threads())));
  for (auto& buffer : buffers_) buffer.clear();
  std::vector<Piece> pieces(all.size());
  sent_ += parallel::reduce_ranges<std::uint64_t>(
      all.size(), 1, 0,
      [&](std::size_t t, std::size_t) {
        const auto worker = static_cast<std::size_t>(parallel::worker_index());
        std::vector<std::byte>& bytes = buffers_[worker];
        pieces[t] = {worker, bytes.size(), 0};
        const Order& order = lanes_[all[t].peer].outgoing;
        const GhostPlan::Range range = ghosts(all[t].peer);
        std::uint64_t segments = 0;
        const std::size_t end = std::min(order.size(round), (all[t].piece + 1) * kPiece);
        for (std::size_t i = all[t].piece * kPiece; i < end; ++i) {
          const auto ghost = static_cast<LocalId>(range.begin + order.at(round, i));
          if (!chosen(ghost)) continue;
          ++segments;
          const std::span<const std::byte> segment = bytes_of(ghost);
          put_length(segment.size(), bytes);
          bytes.insert(bytes.end(), segment.begin(), segment.end());
        }
        pieces[t].size = bytes.size() - pieces[t].begin;
        return segments;
      },
      std::plus<>());
  start_messages(round, pieces);
}

template <class Chosen>
void SegmentReduce::receive(std::size_t round, const Chosen& chosen) {
  for (Lane& lane : lanes_) comm_->wait(lane.received);
  const std::vector<Task> all = tasks([&](const Lane& lane) { return lane.incoming.pieces(round); });
  // The offsets of a peer's pieces stand in front of them.
  std::vector<std::size_t> begins(all.size());
  std::size_t next = 0;
  for (std::size_t t = 0; t < all.size(); ++t) {
    const Lane& lane = lanes_[all[t].peer];
    const std::size_t header = lane.incoming.pieces(round) * sizeof(std::uint64_t);
    if (all[t].piece == 0) next = header;
    std::uint64_t size = 0;
    if (lane.mail.size() < header + kSlack) damaged();
    std::memcpy(&size, lane.mail.data() + all[t].piece * sizeof size, sizeof size);
    begins[t] = next;
    next += size;
    if (next > lane.mail.size() - kSlack) damaged();
  }
  parallel::for_each_index(all.size(), [&](std::size_t t) {
    const Lane& lane = lanes_[all[t].peer];
    const GhostPlan::Range range = positions(all[t].peer);
    const std::byte* at = lane.mail.data() + begins[t];
    const std::byte* const end = lane.mail.data() + lane.mail.size() - kSlack;
    const std::size_t last = std::min(lane.incoming.size(round), (all[t].piece + 1) * kPiece);
    for (std::size_t i = all[t].piece * kPiece; i < last; ++i) {
      const std::size_t position = lane.incoming.at(round, i);
      if (!chosen(plan_->peers[all[t].peer].masters[range.begin + position])) continue;
      segments_[lane.first_slot + position] = at;
      const std::size_t length = get_length(at, end);
      if (static_cast<std::size_t>(end - at) < length) damaged();
      at += length;
    }
  });
  for (Lane& lane : lanes_) comm_->wait(lane.sent);
}

}  // namespace gasket
