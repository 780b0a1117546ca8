#pragma once
// A set of local ids, one bit each, that several workers may fill at once.

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>

#include "partition/big_array.hpp"
#include "partition/bits.hpp"
#include "partition/parallel.hpp"
#include "partition/types.hpp"

namespace gasket {

class Bitmap {
 public:
  Bitmap() = default;
  explicit Bitmap(std::size_t size) : words_((size + 63) / 64), size_(size) {}

  std::size_t size() const { return size_; }
  bool contains(std::size_t i) const { return (words_[i / 64] >> (i % 64) & 1) != 0; }

  /// A bit for each of up to 64 ids, the first the lowest: whether it is a member. Without a branch on any.
  std::uint64_t contains_each(const LocalId* ids, std::size_t count) const {
    std::uint64_t members = 0;
    for (std::size_t k = 0; k < count; ++k) members |= std::uint64_t{contains(ids[k])} << k;
    return members;
  }

  void insert(std::size_t i) { words_[i / 64] |= bit(i); }
  void erase(std::size_t i) { words_[i / 64] &= ~bit(i); }
  /// Safe beside other calls of itself and of contains_shared. Returns whether this call made i a member.
  bool insert_shared(std::size_t i) {
    std::atomic_ref<std::uint64_t> word(words_[i / 64]);
    std::uint64_t before = word.load(std::memory_order_relaxed);
    do {
      if ((before & bit(i)) != 0) return false;
    } while (!word.compare_exchange_weak(before, before | bit(i), std::memory_order_relaxed));
    return true;
  }
  /// Returns whether i was a member until this call.
  bool erase_shared(std::size_t i) {
    return (std::atomic_ref<std::uint64_t>(words_[i / 64]).fetch_and(~bit(i), std::memory_order_relaxed) & bit(i)) != 0;
  }
  bool contains_shared(std::size_t i) {
    return (std::atomic_ref<std::uint64_t>(words_[i / 64]).load(std::memory_order_relaxed) & bit(i)) != 0;
  }
  void clear() {
    for_word_ranges(
        [&](std::size_t begin, std::size_t end) { std::fill(words_.begin() + begin, words_.begin() + end, 0); });
  }

  /// Becomes a copy of `other`, of the same size.
  void assign(const Bitmap& other) {
    for_word_ranges([&](std::size_t begin, std::size_t end) {
      std::copy(other.words_.begin() + begin, other.words_.begin() + end, words_.begin() + begin);
    });
  }
  /// Has of the ids below `last` those of `now` that are not in `before`, and no others; ids from there on stay as they
  /// are. All of one size.
  void assign_difference(const Bitmap& now, const Bitmap& before, std::size_t last) {
    const auto changed = [&](std::size_t w) { return now.words_[w] & ~before.words_[w]; };
    parallel::for_ranges(last / 64, kWords, [&](std::size_t begin, std::size_t end) {
      for (std::size_t w = begin; w < end; ++w) words_[w] = changed(w);
    });
    if (const std::size_t w = last / 64; last % 64 != 0) {
      const std::uint64_t below = bit(last) - 1;
      words_[w] = (changed(w) & below) | (words_[w] & ~below);
    }
  }

  std::uint64_t count() const { return count(0, size_); }
  /// Members in begin .. end-1.
  std::uint64_t count(std::size_t begin, std::size_t end) const {
    std::uint64_t total = 0;
    for_each_word(begin, end,
                  [&](std::size_t, std::uint64_t bits) { total += static_cast<std::uint64_t>(std::popcount(bits)); });
    return total;
  }

  /// Calls visit(i) for each member in begin .. end-1, ascending.
  template <class Visit>
  void for_each(std::size_t begin, std::size_t end, const Visit& visit) const {
    for_each_word(begin, end, [&](std::size_t base, std::uint64_t bits) {
      for_each_bit(bits, [&](std::size_t i) { visit(base + i); });
    });
  }

  /// Calls visit(base, bits) for each 64 of begin .. end-1 of which some are no members, which `bits` says of base ..
  /// base+63. Not beside writers of these words.
  template <class Visit>
  void for_each_missing_word(std::size_t begin, std::size_t end, const Visit& visit) const {
    for (std::size_t base = begin / 64 * 64; base < end; base += 64)
      if (const std::uint64_t bits = ~words_[base / 64] & mask(base, begin, end); bits != 0) visit(base, bits);
  }

  /// Calls visit(i) for each i of begin .. end-1 that is not a member.
  template <class Visit>
  void for_each_missing(std::size_t begin, std::size_t end, const Visit& visit) const {
    for_each_missing(
        begin, end, [](std::size_t) {}, visit);
  }
  /// The same, as of when its word of 64 was read; safe beside insert_shared. announce(i) is called for each some time
  /// before, to fetch what visit will need.
  template <class Announce, class Visit>
  void for_each_missing(std::size_t begin, std::size_t end, const Announce& announce, const Visit& visit) const {
    const auto missing = [&](std::size_t base) {
      return ~std::atomic_ref<std::uint64_t>(const_cast<std::uint64_t&>(words_[base / 64]))
                  .load(std::memory_order_relaxed) &
             mask(base, begin, end);
    };
    const auto each = [](std::size_t base, std::uint64_t bits, const auto& call) {
      for_each_bit(bits, [&](std::size_t i) { call(base + i); });
    };
    const std::size_t first = begin / 64 * 64;
    if (first < end) each(first, missing(first), announce);
    for (std::size_t base = first; base < end; base += 64) {
      if (base + 64 < end) each(base + 64, missing(base + 64), announce);
      each(base, missing(base), visit);
    }
  }

  friend void swap(Bitmap& a, Bitmap& b) noexcept {
    std::swap(a.words_, b.words_);
    std::swap(a.size_, b.size_);
  }

 private:
  static constexpr std::size_t kWords = std::size_t{1} << 13;  // that one worker goes through at a time

  static std::uint64_t bit(std::size_t i) { return std::uint64_t{1} << (i % 64); }
  // Of the word that begins at base, the bits that lie in begin .. end-1.
  static std::uint64_t mask(std::size_t base, std::size_t begin, std::size_t end) {
    std::uint64_t bits = ~std::uint64_t{0};
    if (base < begin) bits <<= begin - base;
    if (end - base < 64) bits &= (std::uint64_t{1} << (end - base)) - 1;
    return bits;
  }

  template <class Body>
  void for_word_ranges(const Body& body) {
    parallel::for_ranges(words_.size(), kWords, body);
  }

  template <class Visit>
  void for_each_word(std::size_t begin, std::size_t end, const Visit& visit) const {
    for (std::size_t base = begin / 64 * 64; base < end; base += 64) {
      const std::uint64_t bits = words_[base / 64] & mask(base, begin, end);
      if (bits != 0) visit(base, bits);
    }
  }

  BigArray<std::uint64_t> words_;
  std::size_t size_ = 0;
};

}  // namespace gasket
