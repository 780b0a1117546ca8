#pragma once
// Loads of parts for questions of the kind "which part of this set has the least?", asked several times per edge.
//
// What a part has more than a common base is kept in bit slices: bit q % 64 of slice b of word q / 64 is bit b of part
// q's load. The least of up to 64 parts is then found without a branch, all parts at once, from the highest slice down:
// those of the set whose bit is 0 stay, unless there are none. Loads that are balanced differ by little, so that a
// handful of slices is enough; the base follows the lowest load.

#include <array>
#include <bit>

#include "partition/place/part_loads.hpp"

namespace gasket {

class SlicedLoads {
 public:
  explicit SlicedLoads(const PartShares& shares, PartLoads& loads)
      : loads_(loads),
        unit_(shares.equal() ? 1 : kFraction),
        above_(shares.parts()),
        words_((shares.parts() + 63) / 64) {
    for (PartId q = 0; q < shares.parts(); ++q)
      longest_step_ =
          std::max(longest_step_, static_cast<std::uint32_t>(std::min(std::ceil(unit_ / shares[q]), kMostAbove)));
    renew();
  }

  /// Must follow a change of the loads that did not go through add().
  void renew() {
    base_ = loads_[loads_.least()];
    highest_ = 0;
    for (PartId q = 0; q < loads_.parts(); ++q) {
      above_[q] = above_base(q);
      highest_ = std::max(highest_, above_[q]);
    }
    // Two bits more than now, for the loads to grow for a while: at most 31, as kMostAbove is 2^27.
    slices_ = std::bit_width(highest_ + longest_step_) + 2;
    std::ranges::fill(words_, Word());
    for (PartId q = 0; q < loads_.parts(); ++q) {
      Word& word = words_[q / 64];
      for (int b = 0; b < slices_; ++b) word.slice[b] |= std::uint64_t{above_[q] >> b & 1} << q % 64;
      word.open |= std::uint64_t{!loads_.full(q)} << q % 64;
      word.all |= std::uint64_t{1} << q % 64;
    }
  }

  std::size_t words() const { return words_.size(); }
  /// Of 64 parts, the ones that exist, and the ones that may get another edge.
  std::uint64_t all(std::size_t word) const { return words_[word].all; }
  std::uint64_t open(std::size_t word) const { return words_[word].open; }
  bool open_part(PartId q) const { return (words_[q / 64].open >> q % 64 & 1) != 0; }
  /// Leaves the least loaded of each set of parts of a word. A constant number of sets, so that they go side by side.
  template <std::size_t Sets>
  void keep_least(std::size_t word, std::array<std::uint64_t, Sets>& sets) const {
    for (int b = slices_; b-- > 0;) {
      const std::uint64_t slice = words_[word].slice[b];
      for (std::uint64_t& set : sets) {
        const std::uint64_t lower = set & ~slice;
        set = lower != 0 ? lower : set;
      }
    }
  }

  /// In units: what makes an edge of an average part; how far a part lies below the highest; the lowest does.
  std::int64_t unit() const { return unit_; }
  std::int64_t room(PartId q) const { return std::int64_t{highest_} - above_[q]; }

  void add(PartId q) {
    loads_.add(q);
    // Shares that differ make steps that are no whole numbers of units: adding those up would lead astray.
    const std::uint32_t before = above_[q], after = unit_ == 1 ? before + 1 : above_base(q);
    if (after >> slices_ != 0) return renew();
    above_[q] = after;
    highest_ = std::max(highest_, after);
    Word& word = words_[q / 64];
    for (int b = 0; b < slices_; ++b) word.slice[b] ^= std::uint64_t{(before ^ after) >> b & 1} << q % 64;
    word.open &= ~(std::uint64_t{loads_.full(q)} << q % 64);
  }

 private:
  static constexpr int kFraction = 64;
  static constexpr double kMostAbove = 1 << 27;  // farther off, parts are alike

  struct Word {
    std::array<std::uint64_t, 32> slice = {};
    std::uint64_t open = 0;
    std::uint64_t all = 0;
  };

  std::uint32_t above_base(PartId q) const {
    return static_cast<std::uint32_t>(std::min(std::round((loads_[q] - base_) * unit_), kMostAbove));
  }

  PartLoads& loads_;
  int unit_;  // 1 where all edges count the same
  std::uint32_t longest_step_ = 1;
  double base_ = 0;
  std::vector<std::uint32_t> above_;  // the base, in units
  std::uint32_t highest_ = 0;
  int slices_ = 0;
  std::vector<Word> words_;
};

}  // namespace gasket
