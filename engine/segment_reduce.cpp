#include "engine/segment_reduce.hpp"

#include "partition/error.hpp"

namespace gasket {

SegmentReduce::Order::Order(std::span<const std::uint32_t> round_of, std::size_t rounds) : cuts_(rounds + 1) {
  for (const std::uint32_t round : round_of) ++cuts_[round + 1];
  for (std::size_t r = 0; r < rounds; ++r) cuts_[r + 1] += cuts_[r];
  if (rounds <= 1) return;
  positions_ = BigArray<std::uint32_t>(round_of.size());
  std::vector<std::size_t> next = cuts_;
  for (std::size_t p = 0; p < round_of.size(); ++p) positions_[next[round_of[p]]++] = static_cast<std::uint32_t>(p);
}

SegmentReduce::SegmentReduce(Communicator& comm, const GhostPlan& plan, Flow flow, std::span<const std::uint64_t> costs,
                             std::uint64_t budget)
    : comm_(&comm), plan_(&plan), flow_(flow), lanes_(plan.peers.size()) {
  bool any = false;
  for (std::size_t peer = 0; peer < lanes_.size(); ++peer) any = any || positions(peer).size() > 0;
  if (comm.any(any)) cut_rounds(costs, budget);
  agree_on_order();
  index_copies(static_cast<LocalId>(costs.size()));
}

void SegmentReduce::damaged() {
  throw Error(ExitCode::failure, "a message between ranks is damaged: a segment does not end");
}

void SegmentReduce::cut_rounds(std::span<const std::uint64_t> costs, std::uint64_t budget) {
  begins_ = {0};
  std::uint64_t cost = 0;
  for (std::size_t v = 0; v < costs.size(); ++v) {
    if (cost > 0 && cost + costs[v] > budget) {
      begins_.push_back(static_cast<LocalId>(v));
      cost = 0;
    }
    cost += costs[v];
  }
  rounds_ = comm_->max(begins_.size());
  begins_.resize(rounds_ + 1, static_cast<LocalId>(costs.size()));
}

// The owner says in which round each position is.
void SegmentReduce::agree_on_order() {
  std::vector<std::vector<std::uint32_t>> mine(lanes_.size()), theirs(lanes_.size());
  std::vector<Pending> messages;
  for (std::size_t peer = 0; peer < lanes_.size(); ++peer) {
    const GhostPlan::Range range = positions(peer);
    for (std::size_t p = range.begin; p < range.end; ++p) {
      const auto after = std::upper_bound(begins_.begin() + 1, begins_.end(), plan_->peers[peer].masters[p]);
      mine[peer].push_back(static_cast<std::uint32_t>(after - begins_.begin() - 1));
    }
    theirs[peer].resize(ghosts(peer).size());
  }
  if (rounds_ > 1) {
    for (std::size_t peer = 0; peer < lanes_.size(); ++peer) {
      const int rank = plan_->peers[peer].rank;
      if (!theirs[peer].empty()) messages.push_back(comm_->receive(rank, Tag::reduce, std::span(theirs[peer])));
      if (!mine[peer].empty())
        messages.push_back(comm_->send(rank, Tag::reduce, std::span<const std::uint32_t>(mine[peer])));
    }
    comm_->wait_all(messages);
  }
  for (std::size_t peer = 0; peer < lanes_.size(); ++peer) {
    lanes_[peer].incoming = Order(mine[peer], rounds_);
    lanes_[peer].outgoing = Order(theirs[peer], rounds_);
  }
}

void SegmentReduce::index_copies(LocalId masters) {
  first_copy_ = BigArray<std::uint32_t>(std::size_t{masters} + 1);
  std::size_t slots = 0;
  for (std::size_t peer = 0; peer < lanes_.size(); ++peer) {
    lanes_[peer].first_slot = slots;
    const GhostPlan::Range range = positions(peer);
    slots += range.size();
    for (std::size_t p = range.begin; p < range.end; ++p) ++first_copy_[plan_->peers[peer].masters[p] + 1];
  }
  if (slots >> 32 != 0) throw ResourceError("the vertices of one rank have more than 2^32 copies: use more ranks");
  for (std::size_t v = 0; v < masters; ++v) first_copy_[v + 1] += first_copy_[v];
  slots_ = BigArray<std::uint32_t>(slots);
  segments_ = BigArray<const std::byte*>(slots);
  BigArray<std::uint32_t> next(first_copy_.span());
  for (std::size_t peer = 0; peer < lanes_.size(); ++peer) {
    const GhostPlan::Range range = positions(peer);
    for (std::size_t i = 0; i < range.size(); ++i)
      slots_[next[plan_->peers[peer].masters[range.begin + i]]++] =
          static_cast<std::uint32_t>(lanes_[peer].first_slot + i);
  }
}

void SegmentReduce::start_messages(std::size_t round, std::span<const Piece> pieces) {
  std::vector<std::uint64_t> sizes(static_cast<std::size_t>(comm_->size()));
  for (std::size_t peer = 0, t = 0; peer < lanes_.size(); ++peer) {
    std::vector<std::byte>& frame = lanes_[peer].frame;
    const std::size_t count = lanes_[peer].outgoing.pieces(round);
    frame.resize(count * sizeof(std::uint64_t));
    for (std::size_t piece = 0; piece < count; ++piece, ++t) {
      const std::uint64_t size = pieces[t].size;
      std::memcpy(frame.data() + piece * sizeof size, &size, sizeof size);
      const std::byte* const from = buffers_[pieces[t].worker].data() + pieces[t].begin;
      frame.insert(frame.end(), from, from + size);
    }
    sizes[static_cast<std::size_t>(plan_->peers[peer].rank)] = frame.size();
  }
  const std::vector<std::uint64_t> theirs = comm_->all_to_all(sizes);
  for (std::size_t peer = 0; peer < lanes_.size(); ++peer) {
    Lane& lane = lanes_[peer];
    const int rank = plan_->peers[peer].rank;
    const std::size_t size = theirs[static_cast<std::size_t>(rank)];
    lane.mail.resize(size + kSlack);
    if (size > 0) lane.received = comm_->receive(rank, Tag::reduce, std::span(lane.mail).first(size));
    if (!lane.frame.empty()) lane.sent = comm_->send(rank, Tag::reduce, std::span<const std::byte>(lane.frame));
  }
}

}  // namespace gasket
