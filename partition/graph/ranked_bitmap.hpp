#pragma once
// A set of ids from 0 .. range-1 that also knows how many members lie below an id: the map from scattered ids to
// consecutive positions, at a quarter of a byte per id of the range and one cache line per look-up.

#include <atomic>
#include <bit>
#include <cstdint>
#include <span>

#include "partition/big_array.hpp"
#include "partition/parallel.hpp"

namespace gasket {

class RankedBitmap {
 public:
  RankedBitmap() = default;
  explicit RankedBitmap(std::uint64_t range) : blocks_((range + 31) / 32), range_(range) {}

  std::uint64_t range() const { return range_; }
  /// Members; valid after finish().
  std::uint64_t count() const { return count_; }

  /// Adds an id; by several workers at once.
  void insert(std::uint64_t id) {
    std::uint32_t& bits = blocks_[id / 32].bits;
    const std::uint32_t bit = std::uint32_t{1} << (id % 32);
    std::atomic_ref<std::uint32_t> shared(bits);
    if ((shared.load(std::memory_order_relaxed) & bit) == 0) shared.fetch_or(bit, std::memory_order_relaxed);
  }
  bool contains(std::uint64_t id) const { return (blocks_[id / 32].bits >> (id % 32) & 1) != 0; }
  /// Members below `id`; valid after finish().
  std::uint32_t position(std::uint64_t id) const {
    const Block& block = blocks_[id / 32];
    const std::uint32_t below = block.bits & ((std::uint32_t{1} << (id % 32)) - 1);
    return block.before + static_cast<std::uint32_t>(std::popcount(below));
  }

  /// Counts; no insert after this. Members must number less than 2^32.
  void finish() {
    count_ = 0;
    for (Block& block : blocks_) {
      block.before = static_cast<std::uint32_t>(count_);
      count_ += static_cast<std::uint64_t>(std::popcount(block.bits));
    }
  }

  /// Calls visit(id) for each member in begin .. end-1, ascending.
  template <class Visit>
  void for_each(std::uint64_t begin, std::uint64_t end, const Visit& visit) const {
    for (std::uint64_t block = begin / 32; block < (end + 31) / 32 && block < blocks_.size(); ++block)
      for (std::uint32_t bits = blocks_[block].bits; bits != 0; bits &= bits - 1) {
        const std::uint64_t id = block * 32 + static_cast<std::uint64_t>(std::countr_zero(bits));
        if (id >= begin && id < end) visit(id);
      }
  }
  template <class Visit>
  void for_each(const Visit& visit) const {
    for_each(0, range_, visit);
  }

  /// A word of 32 ids and its count, for exchanging whole sets: fold bits with merge.
  struct Block {
    std::uint32_t bits = 0;
    std::uint32_t before = 0;
  };
  std::span<Block> blocks() { return blocks_.span(); }
  std::span<const Block> blocks() const { return blocks_.span(); }
  static Block merge(Block a, Block b) { return {a.bits | b.bits, 0}; }

 private:
  BigArray<Block> blocks_;
  std::uint64_t range_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace gasket
