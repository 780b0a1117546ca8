#pragma once
// How many edges the parts have so far, in strategies that place one edge after the other on several ranks at once:
// counted here as they go, added up over the ranks from time to time, and never above a limit.

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "partition/comm/communicator.hpp"
#include "partition/types.hpp"

namespace gasket {

class PartLoads {
 public:
  /// No part may get more than `slack` times its equal share of `edges` (of all ranks).
  PartLoads(PartId parts, EdgeCount edges, double slack)
      : most_(static_cast<std::uint64_t>(std::ceil(slack * static_cast<double>(edges) / parts))),
        load_(parts),
        agreed_(parts),
        limit_(parts, most_),
        leaves_(std::bit_ceil(parts)),
        winner_(2 * std::size_t{leaves_}) {
    for (PartId q = 0; q < leaves_; ++q) winner_[leaves_ + q] = std::min(q, parts - 1);
    for (PartId i = leaves_; --i > 0;) play(i);
  }

  std::uint64_t operator[](PartId q) const { return load_[q]; }
  std::uint64_t highest() const { return highest_; }
  /// The part with the fewest edges, the first of several.
  PartId least() const { return winner_[1]; }
  bool full(PartId q, std::uint64_t more = 1) const { return load_[q] + more > limit_[q]; }
  /// O(log parts).
  void add(PartId q, std::uint64_t more = 1) {
    highest_ = std::max(highest_, load_[q] += more);
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
      highest_ = std::max(highest_, load_[q]);
      const auto room = static_cast<double>(most_ - std::min(most_, load_[q]));
      limit_[q] = mine == all ? most_
                              : load_[q] + static_cast<std::uint64_t>(room * static_cast<double>(mine) /
                                                                      static_cast<double>(std::max<EdgeCount>(all, 1)));
    }
    for (PartId i = leaves_; --i > 0;) play(i);
  }

 private:
  void play(PartId i) {
    const PartId a = winner_[2 * std::size_t{i}], b = winner_[2 * std::size_t{i} + 1];
    winner_[i] = load_[b] < load_[a] ? b : a;
  }

  std::uint64_t most_;
  std::vector<std::uint64_t> load_;
  std::vector<std::uint64_t> agreed_;  // loads of all ranks at the last exchange
  std::vector<std::uint64_t> limit_;
  std::uint64_t highest_ = 0;
  PartId leaves_;
  std::vector<PartId> winner_;  // a tournament: [1] is the part of least load, [leaves_ + q] is q
};

}  // namespace gasket
