#pragma once
// How often each label occurs among a vertex' neighbours: a small open-addressing table that one worker uses for row
// after row, and the bytes in which a histogram travels.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "partition/error.hpp"

namespace gasket {

/// Counts of labels, and which label is the most frequent (of several, the smallest). Label is an unsigned integer, and
/// wide enough for the counts. The table grows with the number of different labels, not with what is counted.
template <class Label>
class LabelHistogram {
 public:
  struct Entry {
    Label label = 0;
    Label count = 0;  // 0: the slot is free
  };

  /// Forgets everything. `expected`: an upper bound of the labels to come, or a guess.
  void clear(std::size_t expected) {
    resize(std::bit_ceil(std::clamp(2 * expected, kSmallest, kFirst)));
    std::fill_n(slots_.data(), mask_ + 1, Entry{});
    used_ = 0;
    best_ = {};
  }

  void add(Label label, Label count = 1) {
    if (used_ > mask_ / 2) grow();
    Entry& entry = find(label);
    used_ += entry.count == 0;
    entry.label = label;
    entry.count = static_cast<Label>(entry.count + count);
    if (beats(entry, best_)) best_ = entry;
  }

  std::size_t size() const { return used_; }
  /// Of a histogram that is not empty.
  Label most_frequent() const { return best_.label; }

  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t i = 0; i <= mask_; ++i)
      if (slots_[i].count != 0) visit(slots_[i].label, slots_[i].count);
  }

 private:
  static constexpr std::size_t kSmallest = 16;
  static constexpr std::size_t kFirst = 4096;  // slots to begin with at most: they fit the fastest cache

  static bool beats(const Entry& a, const Entry& b) {
    return a.count > b.count || (a.count == b.count && a.label < b.label);
  }

  void resize(std::size_t slots) {
    if (slots_.size() < slots) slots_.resize(slots);
    mask_ = slots - 1;
    shift_ = 64 - std::countr_zero(slots);
  }

  // The slot of a label, or the free one where it belongs. Multiplicative hashing (Knuth, vol. 3, 6.4): labels are
  // often consecutive numbers, which it spreads evenly.
  Entry& find(Label label) {
    std::size_t at = static_cast<std::size_t>((label * std::uint64_t{0x9e3779b97f4a7c15}) >> shift_);
    while (slots_[at].count != 0 && slots_[at].label != label) at = (at + 1) & mask_;
    return slots_[at];
  }

  void grow() {
    const std::size_t old = mask_ + 1;
    spare_.assign(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(old));
    resize(4 * old);
    std::fill_n(slots_.data(), mask_ + 1, Entry{});
    for (const Entry& entry : spare_)
      if (entry.count != 0) find(entry.label) = entry;
  }

  std::vector<Entry> slots_;
  std::vector<Entry> spare_;
  std::size_t mask_ = 0;
  int shift_ = 64;
  std::size_t used_ = 0;
  Entry best_;
};

/// A histogram as bytes: per label a number with a flag; where the flag is set the count follows, else it is 1. A
/// number with a flag takes its lowest 6 bits and the flag into the first byte, then 7 bits a byte, like a varint.
inline constexpr std::size_t kMaxHistogramEntry = 20;

namespace detail {

inline std::byte* put_flagged(std::byte* at, std::uint64_t value, bool flag) {
  std::uint64_t rest = value >> 6;
  *at++ = static_cast<std::byte>((value & 63) << 1 | (flag ? 1 : 0) | (rest != 0 ? 128 : 0));
  for (; rest != 0; rest >>= 7) *at++ = static_cast<std::byte>((rest & 127) | (rest >= 128 ? 128 : 0));
  return at;
}

inline std::uint64_t get_flagged(const std::byte*& at, const std::byte* end, bool& flag) {
  const auto next = [&] {
    if (at == end) throw Error(ExitCode::failure, "a message between ranks is damaged: a histogram does not end");
    return static_cast<std::uint64_t>(*at++);
  };
  std::uint64_t byte = next();
  flag = (byte & 1) != 0;
  std::uint64_t value = byte >> 1 & 63;
  for (int shift = 6; byte >= 128 && shift < 64; shift += 7) {
    byte = next();
    value |= (byte & 127) << shift;
  }
  return value;
}

}  // namespace detail

/// Writes one label and its count, at most kMaxHistogramEntry bytes; returns where they end.
inline std::byte* put_entry(std::byte* at, std::uint64_t label, std::uint64_t count) {
  at = detail::put_flagged(at, label, count != 1);
  return count == 1 ? at : detail::put_flagged(at, count >> 1, (count & 1) != 0);
}

/// Calls visit(label, count) for each entry of a histogram. Throws Error when the bytes are cut off.
template <class Visit>
void for_each_entry(std::span<const std::byte> bytes, const Visit& visit) {
  const std::byte* at = bytes.data();
  const std::byte* const end = at + bytes.size();
  while (at != end) {
    bool flag = false, odd = true;
    const std::uint64_t label = detail::get_flagged(at, end, flag);
    const std::uint64_t half = flag ? detail::get_flagged(at, end, odd) : 0;
    visit(label, half << 1 | (odd ? 1 : 0));
  }
}

}  // namespace gasket
