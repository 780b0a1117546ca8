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
    const auto then = [&](PartId q) { return (*this)[q] + per_edge_[q] * static_cast<double>(more); };
    PartId best = 0;
    for (PartId q = 1; q < load_.size(); ++q)
      if (then(q) < then(best)) best = q;
    return best;
  }
  bool full(PartId q, std::uint64_t more = 1) const { return load_[q] + more > limit_[q]; }
  void add(PartId q, std::uint64_t more = 1) { load_[q] += more; }

  /// Adds up what the ranks have placed since the last time. Until the next time this rank will place `mine` more
  /// edges, all ranks together `all`: the room left is shared out accordingly. Collective.
  void exchange(Communicator& comm, EdgeCount mine, EdgeCount all) {
    for (std::size_t q = 0; q < load_.size(); ++q) load_[q] -= agreed_[q];
    if (comm.size() > 1) comm.all_reduce_in_place(std::span(load_), std::plus<std::uint64_t>());
    for (std::size_t q = 0; q < load_.size(); ++q) {
      agreed_[q] = load_[q] += agreed_[q];
      const auto room = static_cast<double>(most_[q] - std::min(most_[q], load_[q]));
      limit_[q] = mine == all ? most_[q]
                              : load_[q] + static_cast<std::uint64_t>(room * static_cast<double>(mine) /
                                                                      static_cast<double>(std::max<EdgeCount>(all, 1)));
    }
  }

 private:
  // Loads only grow, so that they may be older than they say in the queue, but never lower.
  struct Waiting {
    double load;
    PartId part;
  };
  static bool later(const Waiting& a, const Waiting& b) { return a.load != b.load ? a.load > b.load : a.part > b.part; }

  std::vector<std::uint64_t> most_;
  std::vector<double> per_edge_;  // what an edge adds to the relative load
  std::vector<std::uint64_t> load_;
  std::vector<std::uint64_t> agreed_;  // loads of all ranks at the last exchange
  std::vector<std::uint64_t> limit_;
  std::vector<Waiting> queue_;  // a heap, the least first
};

}  // namespace gasket
