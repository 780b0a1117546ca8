#pragma once
// How many edges the parts have so far, in strategies that place one edge after the other on several ranks at once:
// counted here as they go, added up over the ranks from time to time, and never above a limit. Parts are compared by
// their loads relative to their shares.

#include <algorithm>
#include <cmath>
#include <vector>

#include "partition/comm/communicator.hpp"
#include "partition/place/part_shares.hpp"

namespace gasket {

class PartLoads {
 public:
  /// No part may get more than `slack` times its share of `edges` (of all ranks).
  PartLoads(const PartShares& shares, EdgeCount edges, double slack)
      : most_(shares.parts()), per_edge_(shares.parts()), load_(shares.parts()), agreed_(shares.parts()) {
    for (PartId q = 0; q < shares.parts(); ++q) {
      most_[q] = static_cast<std::uint64_t>(std::ceil(slack * static_cast<double>(edges) * shares[q] / shares.parts()));
      per_edge_[q] = 1 / shares[q];
      queue_.push_back({0, q});
    }
    limit_ = most_;
  }

  PartId parts() const { return static_cast<PartId>(load_.size()); }
  /// The load of a part by its share: the number of edges where all shares are equal.
  double operator[](PartId q) const { return per_edge_[q] * static_cast<double>(load_[q]); }
  /// The part with the lowest load, the first of several. O(log parts) for each part that grew since the last call, at
  /// most.
  PartId least() {
    for (;;) {
      const Waiting first = queue_.front();
      const double load = (*this)[first.part];
      if (first.load == load) return first.part;
      std::ranges::pop_heap(queue_, later);
      queue_.back().load = load;
      std::ranges::push_heap(queue_, later);
    }
  }
  /// The part whose load would be lowest with so much more. O(parts).
  PartId least_with(std::uint64_t more) const {
    PartId best = 0;
    for (PartId q = 1; q < load_.size(); ++q)
      if (with(q, more) < with(best, more)) best = q;
    return best;
  }
  /// Of the parts that have room for so much more the one with the lowest load; where none has, least_with(). O(log parts)
  /// while the least loaded part has room, O(parts) else.
  PartId least_open(std::uint64_t more = 1) {
    const PartId least_of_all = least();
    if (!full(least_of_all, more)) return least_of_all;
    PartId best = parts();
    for (PartId q = 0; q < load_.size(); ++q)
      if (!full(q, more) && (best == parts() || (*this)[q] < (*this)[best])) best = q;
    return best == parts() ? least_with(more) : best;
  }
  bool full(PartId q, std::uint64_t more = 1) const { return load_[q] + more > limit_[q]; }
  void add(PartId q, std::uint64_t more = 1) { load_[q] += more; }

  /// Adds up what the ranks have placed since the last time. Until the next time this rank will place `mine` more
  /// edges: what room a part has left is dealt to the ranks by how much each will place, to the last edge. Collective.
  void exchange(Communicator& comm, EdgeCount mine) {
    for (std::size_t q = 0; q < load_.size(); ++q) load_[q] -= agreed_[q];
    if (comm.size() > 1) comm.all_reduce_in_place(std::span(load_), std::plus<std::uint64_t>());
    EdgeCount before = 0, all = 0;
    const std::vector<EdgeCount> of_ranks = comm.all_gather(mine);
    for (std::size_t r = 0; r < of_ranks.size(); ++r) {
      before += r < static_cast<std::size_t>(comm.rank()) ? of_ranks[r] : 0;
      all += of_ranks[r];
    }
    for (std::size_t q = 0; q < load_.size(); ++q) {
      agreed_[q] = load_[q] += agreed_[q];
      const std::uint64_t room = most_[q] - std::min(most_[q], load_[q]);
      // Part after part the dealing begins at another place in the row of ranks: where there is less room than there are
      // ranks, it is not the same ones that go away empty. The fractions of the golden ratio's multiples lie even.
      const EdgeCount from = before + fraction_of(all, q * 0x9e3779b97f4a7c15u);
      limit_[q] = load_[q] + part_of(room, from + mine, all) - part_of(room, from, all);
    }
  }

 private:
  // Loads only grow, so that they may be older than they say in the queue, but never lower.
  struct Waiting {
    double load;
    PartId part;
  };
  double with(PartId q, std::uint64_t more) const { return (*this)[q] + per_edge_[q] * static_cast<double>(more); }
  __extension__ using Wide = unsigned __int128;
  // The first x of `all` things' part of `room`, which is whole; after `all` it begins again.
  static std::uint64_t part_of(std::uint64_t room, EdgeCount x, EdgeCount all) {
    return all == 0 ? 0 : static_cast<std::uint64_t>(Wide{room} * x / all);
  }
  // `fraction` in units of 2^-64.
  static std::uint64_t fraction_of(std::uint64_t all, std::uint64_t fraction) {
    return static_cast<std::uint64_t>(Wide{all} * fraction >> 64);
  }
  static bool later(const Waiting& a, const Waiting& b) { return a.load != b.load ? a.load > b.load : a.part > b.part; }

  std::vector<std::uint64_t> most_;
  std::vector<double> per_edge_;  // what an edge adds to the relative load
  std::vector<std::uint64_t> load_;
  std::vector<std::uint64_t> agreed_;  // loads of all ranks at the last exchange
  std::vector<std::uint64_t> limit_;
  std::vector<Waiting> queue_;  // a heap, the least first
};

}  // namespace gasket
