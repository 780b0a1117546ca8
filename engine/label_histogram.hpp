#pragma once
// How often each label occurs among a vertex' neighbours: an open-addressing table that one worker uses for row after
// row, and the bytes in which labels and counts travel.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "engine/codec.hpp"
#include "partition/error.hpp"

namespace gasket {

/// Multiplicative hashing (Knuth, vol. 3, 6.4): the upper bits of label * kLabelHash. Labels are often consecutive
/// numbers, which it spreads evenly.
inline constexpr std::uint64_t kLabelHash = 0x9e3779b97f4a7c15;

/// Counts of labels, and which label is the most frequent (of several, the smallest). Label is an unsigned integer, and
/// wide enough for the counts. The table grows with the number of different labels, not with what is counted.
template <class Label>
class LabelHistogram {
 public:
  struct Entry {
    Label label = 0;
    Label count = 0;  // 0: the slot is free
  };
  /// More frequent, or smaller and as frequent.
  static bool beats(const Entry& a, const Entry& b) {
    return a.count > b.count || (a.count == b.count && a.label < b.label);
  }

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

  bool empty() const { return used_ == 0; }
  /// The most frequent label and its count; count 0 when there is none.
  const Entry& best() const { return best_; }

 private:
  static constexpr std::size_t kSmallest = 16;
  static constexpr std::size_t kFirst = 4096;  // slots to begin with at most: they fit the fastest cache

  void resize(std::size_t slots) {
    if (slots_.size() < slots) slots_.resize(slots);
    mask_ = slots - 1;
    shift_ = 64 - std::countr_zero(slots);
  }

  // The slot of a label, or the free one where it belongs.
  Entry& find(Label label) {
    std::size_t at = static_cast<std::size_t>((label * kLabelHash) >> shift_);
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

/// Labels with counts as bytes: blocks of some labels that occur once, then of some that occur more often with their
/// counts. Every number of a block has the same width, so that writing and reading need no branch for each. A label may
/// be in several blocks; its counts add up.
template <class Label>
class LabelBlocks {
 public:
  /// For labels below `labels`.
  explicit LabelBlocks(std::uint64_t labels) : width_(bytes_for(labels - 1)) {}

  /// Bytes behind the end of what is written that may be overwritten, and behind what is read that must be readable.
  static constexpr std::size_t kSlack = 8;
  /// The most that a block of so many labels takes, slack included.
  static constexpr std::size_t max_bytes(std::size_t labels) { return kMaxHeader + 16 * labels + kSlack; }

  /// Writes a block of at most 2^31 - 1 labels; returns its end.
  std::byte* write(std::span<const Label> labels, std::span<const Label> counts, std::byte* at) const {
    const auto once = static_cast<std::uint32_t>(std::ranges::count(counts, Label{1}));
    const auto often = static_cast<std::uint32_t>(labels.size()) - once;
    at = detail::put_varint(at, 2 * once + (often > 0 ? 1 : 0));
    for (std::size_t i = 0; i < labels.size(); ++i) {
      put(at, labels[i]);
      at += counts[i] == 1 ? width_ : 0;
    }
    if (often == 0) return at;
    const std::size_t count_width = bytes_for(*std::ranges::max_element(counts));
    at = detail::put_varint(at, often);
    *at++ = static_cast<std::byte>(count_width);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      put(at, labels[i]);
      put(at + width_, counts[i]);
      at += counts[i] == 1 ? 0 : width_ + count_width;
    }
    return at;
  }

  /// Calls visit(label, count) for everything in the blocks. Throws Error when they are cut off.
  template <class Visit>
  void read(std::span<const std::byte> bytes, const Visit& visit) const {
    const std::byte* at = bytes.data();
    const std::byte* const end = at + bytes.size();
    const auto need = [&](std::size_t size) {
      if (static_cast<std::size_t>(end - at) < size)
        throw Error(ExitCode::failure, "a message between ranks is damaged: a histogram does not end");
    };
    while (at != end) {
      const std::uint32_t head = detail::get_varint(at, end);
      std::size_t once = head / 2;
      need(once * width_);
      for (; once > 0; --once, at += width_) visit(get(at, width_), Label{1});
      if (head % 2 == 0) continue;
      std::size_t often = detail::get_varint(at, end);
      need(1);
      const auto count_width = static_cast<std::size_t>(*at++) & 15;
      need(often * (width_ + count_width));
      for (; often > 0; --often, at += width_ + count_width) visit(get(at, width_), get(at + width_, count_width));
    }
  }

 private:
  static constexpr std::size_t kMaxHeader = 11;

  static std::size_t bytes_for(std::uint64_t value) {
    return std::max<std::size_t>(1, (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8);
  }
  static void put(std::byte* at, std::uint64_t value) { std::memcpy(at, &value, sizeof value); }
  static Label get(const std::byte* at, std::size_t width) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return static_cast<Label>(width >= 8 ? value : value & ((std::uint64_t{1} << 8 * width) - 1));
  }

  std::size_t width_;
};

}  // namespace gasket
