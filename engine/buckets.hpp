#pragma once
// Vertices that wait for their turn, in buckets by priority, lowest bucket first (delta-stepping's queue: Meyer,
// Sanders, J. Algorithms 49, 2003; workers' own bins: Beamer, Asanovic, Patterson, GAP benchmark suite, 2015).
//
// A vertex may be in several buckets; who takes it out decides whether it is still due. Only a window of buckets is
// kept apart; what lies beyond waits in one list until the window gets there, so memory does not grow with priorities.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "partition/parallel.hpp"
#include "partition/types.hpp"

namespace gasket {

class Buckets {
 public:
  static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

  Buckets() : bins_(static_cast<std::size_t>(parallel::threads())) {}

  /// Puts v into a bucket, one not below the last taken; by several workers at once.
  void push(std::uint64_t bucket, LocalId v) {
    Bin& bin = bins_[static_cast<std::size_t>(parallel::worker_index())];
    if (bucket < base_ + kWindow) {
      const std::size_t at = std::max(bucket, base_) - base_;
      if (bin.near.size() <= at) bin.near.resize(at + 1);
      bin.near[at].push_back(v);
    } else {
      bin.far.push_back({bucket, v});
    }
  }

  /// The lowest bucket that is not empty, or none.
  std::uint64_t lowest() const {
    std::uint64_t best = none;
    for (const Bin& bin : bins_) {
      for (std::size_t at = 0; at < bin.near.size() && base_ + at < best; ++at)
        if (!bin.near[at].empty()) best = base_ + at;
      for (const Far& far : bin.far) best = std::min(best, far.bucket);
    }
    return best;
  }

  /// Empties a bucket, the lowest or a lower one: take(v) for each, by several workers where `shared`.
  template <class Take>
  void drain(std::uint64_t bucket, const Take& take) {
    if (bucket == none) return;
    advance(bucket);
    const std::size_t at = bucket - base_;
    for (Bin& bin : bins_) {
      if (bin.near.size() <= at) continue;
      std::vector<LocalId> members;
      std::swap(members, bin.near[at]);
      take(std::span<const LocalId>(members));
      members.clear();
      if (bin.near[at].empty()) std::swap(members, bin.near[at]);  // keeps the memory for the next time
    }
  }

 private:
  static constexpr std::uint64_t kWindow = 1024;

  struct Far {
    std::uint64_t bucket;
    LocalId vertex;
  };
  struct Bin {
    std::vector<std::vector<LocalId>> near;  // buckets base_ .. base_ + kWindow - 1
    std::vector<Far> far;
  };

  // Moves the window so that it begins at `bucket`, once it lies in the window's second half or beyond.
  void advance(std::uint64_t bucket) {
    if (bucket < base_ + kWindow / 2) return;
    const std::size_t steps = bucket - base_;
    base_ = bucket;
    for (Bin& bin : bins_) {
      bin.near.erase(bin.near.begin(),
                     bin.near.begin() + static_cast<std::ptrdiff_t>(std::min(steps, bin.near.size())));
      std::erase_if(bin.far, [&](const Far& far) {
        if (far.bucket >= base_ + kWindow) return false;
        const std::size_t at = far.bucket - base_;
        if (bin.near.size() <= at) bin.near.resize(at + 1);
        bin.near[at].push_back(far.vertex);
        return true;
      });
    }
  }

  std::vector<Bin> bins_;
  std::uint64_t base_ = 0;
};

}  // namespace gasket
