#pragma once
// How many edges the parts have so far, in strategies that place one edge after the other on several ranks at once:
// counted here as they go, added up over the ranks from time to time, and never above a limit. Parts are compared by
// their loads relative to their shares.

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "partition/comm/communicator.hpp"
#include "partition/place/part_shares.hpp"

namespace gasket {

class PartLoads {
 public:
  /// No part may get more than `slack` times its share of `edges` (of all ranks).
  PartLoads(const PartShares& shares, EdgeCount edges, double slack)
      : most_(shares.parts()),
        per_edge_(shares.parts()),
        load_(shares.parts()),
        agreed_(shares.parts()),
        relative_(shares.parts()),
        leaves_(std::bit_ceil(shares.parts())),
        winner_(2 * std::size_t{leaves_}) {
    for (PartId q = 0; q < shares.parts(); ++q) {
      most_[q] = static_cast<std::uint64_t>(std::ceil(slack * static_cast<double>(edges) * shares[q] / shares.parts()));
      per_edge_[q] = 1 / shares[q];
    }
    limit_ = most_;
    for (PartId q = 0; q < leaves_; ++q) winner_[leaves_ + q] = std::min(q, shares.parts() - 1);
    for (PartId i = leaves_; --i > 0;) play(i);
  }

  /// The load of a part by its share: the number of edges where all shares are equal.
  double operator[](PartId q) const { return relative_[q]; }
  double highest() const { return highest_; }
  /// The part with the lowest load, the first of several.
  PartId least() const { return winner_[1]; }
  /// The part whose load would be lowest with so much more. O(parts) where shares are unequal.
  PartId least_with(std::uint64_t more) const {
    PartId best = least();
    for (PartId q = 0; q < load_.size(); ++q)
      if (relative_[q] + per_edge_[q] * static_cast<double>(more) <
          relative_[best] + per_edge_[best] * static_cast<double>(more))
        best = q;
    return best;
  }
  bool full(PartId q, std::uint64_t more = 1) const { return load_[q] + more > limit_[q]; }
  /// O(log parts).
  void add(PartId q, std::uint64_t more = 1) {
    load_[q] += more;
    highest_ = std::max(highest_, relative_[q] += per_edge_[q] * static_cast<double>(more));
    for (PartId i = (leaves_ + q) / 2; i > 0; i /= 2) play(i);
  }

  /// Adds up what the ranks have placed since the last time. Until the next time this rank will place `mine` more
  /// edges, all ranks together `all`: the room left is shared out accordingly. Collective.
  void exchange(Communicator& comm, EdgeCount mine, EdgeCount all) {
    for (std::size_t q = 0; q < load_.size(); ++q) load_[q] -= agreed_[q];
    if (comm.size() > 1) comm.all_reduce_in_place(std::span(load_), std::plus<std::uint64_t>());
    highest_ = 0;
    for (std::size_t q = 0; q < load_.size(); ++q) {
      agreed_[q] = load_[q] += agreed_[q];
      relative_[q] = per_edge_[q] * static_cast<double>(load_[q]);
      highest_ = std::max(highest_, relative_[q]);
      const auto room = static_cast<double>(most_[q] - std::min(most_[q], load_[q]));
      limit_[q] = mine == all ? most_[q]
                              : load_[q] + static_cast<std::uint64_t>(room * static_cast<double>(mine) /
                                                                      static_cast<double>(std::max<EdgeCount>(all, 1)));
    }
    for (PartId i = leaves_; --i > 0;) play(i);
  }

 private:
  void play(PartId i) {
    const PartId a = winner_[2 * std::size_t{i}], b = winner_[2 * std::size_t{i} + 1];
    winner_[i] = relative_[b] < relative_[a] ? b : a;
  }

  std::vector<std::uint64_t> most_;
  std::vector<double> per_edge_;  // what an edge adds to the relative load
  std::vector<std::uint64_t> load_;
  std::vector<std::uint64_t> agreed_;  // loads of all ranks at the last exchange
  std::vector<double> relative_;
  std::vector<std::uint64_t> limit_;
  double highest_ = 0;
  PartId leaves_;
  std::vector<PartId> winner_;  // a tournament: [1] is the part of least load, [leaves_ + q] is q
};

}  // namespace gasket
