#pragma once
// Vertices that wait for their turn, in buckets by priority, lowest bucket first (delta-stepping's queue: Meyer,
// Sanders, J. Algorithms 49, 2003; workers' own bins: Beamer, Asanovic, Patterson, GAP benchmark suite, 2015).
//
// Each worker puts into a bin of its own, without a lock. Only a window of buckets is kept apart; what lies beyond waits
// in one list until the window gets there, so memory does not grow with priorities: 4 bytes for each time a vertex is put
// into a bucket, 16 while it is far. The room of a bucket that was taken is the next bucket's.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "partition/parallel.hpp"
#include "partition/types.hpp"

namespace gasket {

class Buckets {
 private:
  struct Far {
    std::uint64_t bucket;
    LocalId vertex;
  };

 public:
  static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

  /// A worker's own.
  struct alignas(64) Bin {
    std::vector<std::vector<LocalId>> near;  // buckets base_ .. base_ + kWindow - 1
    std::vector<Far> far;
    std::vector<std::vector<LocalId>> spare;  // what taken buckets lay in, in the cache still
  };

  Buckets() : bins_(static_cast<std::size_t>(parallel::threads())) {}

  Bin& bin(std::size_t worker) { return bins_[worker]; }

  /// Puts v into a bucket, one not below the last taken.
  void push(Bin& bin, std::uint64_t bucket, LocalId v) {
    bucket = std::clamp(bucket, base_, none - 1);
    if (bucket - base_ >= kWindow) return bin.far.push_back({bucket, v});
    append(bin, at(bin, bucket), v);
  }
  /// What a worker has in a bucket, which must not lie far beyond the last taken.
  std::vector<LocalId>& at(Bin& bin, std::uint64_t bucket) {
    const std::size_t index = bucket - base_;
    if (bin.near.size() <= index) bin.near.resize(index + 1);
    return bin.near[index];
  }

  /// The lowest bucket that is not empty, or none.
  std::uint64_t lowest() const {
    std::uint64_t best = none;
    for (const Bin& bin : bins_)
      for (std::size_t at = lowest_ - base_; at < bin.near.size() && base_ + at < best; ++at)
        if (!bin.near[at].empty()) best = base_ + at;
    if (best != none) return best;  // all that is far lies behind the window
    for (const Bin& bin : bins_)
      for (const Far& far : bin.far) best = std::min(best, far.bucket);
    return best;
  }

  /// Empties a bucket, the lowest or a lower one: take(members) for each worker's.
  template <class Take>
  void drain(std::uint64_t bucket, const Take& take) {
    if (bucket == none) return;
    advance(bucket);
    lowest_ = bucket;
    for (Bin& bin : bins_) {
      if (bin.near.size() <= bucket - base_) continue;
      std::vector<LocalId>& members = bin.near[bucket - base_];
      take(std::span<const LocalId>(members));
      members.clear();
      if (members.capacity() > 0 && bin.spare.size() < kSpare) bin.spare.push_back(std::exchange(members, {}));
    }
  }

 private:
  static constexpr std::uint64_t kWindow = 1024;
  static constexpr std::size_t kSpare = 16;

  static void append(Bin& bin, std::vector<LocalId>& members, LocalId v) {
    if (members.size() == members.capacity()) make_room(bin, members);
    members.push_back(v);
  }
  [[gnu::noinline]] static void make_room(Bin& bin, std::vector<LocalId>& members) {
    if (members.empty() && !bin.spare.empty()) {
      members = std::move(bin.spare.back());
      bin.spare.pop_back();
    } else {
      members.reserve(std::max<std::size_t>(64, 2 * members.size()));
    }
  }

  // Moves the window so that it begins at `bucket`, once it lies in the window's second half or beyond.
  void advance(std::uint64_t bucket) {
    if (bucket - base_ < kWindow / 2) return;
    const std::size_t steps = bucket - base_;
    base_ = bucket;
    for (Bin& bin : bins_) {
      bin.near.erase(bin.near.begin(),
                     bin.near.begin() + static_cast<std::ptrdiff_t>(std::min(steps, bin.near.size())));
      std::erase_if(bin.far, [&](const Far& far) {
        if (far.bucket - base_ >= kWindow) return false;
        const std::size_t at = far.bucket - base_;
        if (bin.near.size() <= at) bin.near.resize(at + 1);
        append(bin, bin.near[at], far.vertex);
        return true;
      });
    }
  }

  std::vector<Bin> bins_;
  std::uint64_t base_ = 0;
  std::uint64_t lowest_ = 0;  // below it all are empty
};

}  // namespace gasket
