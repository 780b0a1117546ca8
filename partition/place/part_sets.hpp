#pragma once
// Which parts a vertex is in, one bit each, 63 to a word. The bit that is left marks a hub, which every part is taken to
// hold: its other bits are a number by which those that it really is in are kept.

#include <algorithm>
#include <bit>
#include <span>

#include "partition/big_array.hpp"
#include "partition/prefetch.hpp"
#include "partition/types.hpp"

namespace gasket {

class PartSets {
 public:
  using Vertex = std::uint32_t;
  static constexpr PartId kPartsOfWord = 63;

  PartSets(std::size_t vertices, PartId parts, std::span<const Vertex> hubs)
      : width_((parts + kPartsOfWord - 1) / kPartsOfWord),
        sets_(vertices * width_),
        of_hubs_((1 + hubs.size()) * width_) {
    std::fill_n(of_hubs_.begin(), width_, ~std::uint64_t{0});
    std::uint64_t number = 0;
    for (const Vertex hub : hubs) sets_[hub * width_] = kHub | ++number;
  }

  std::size_t width() const { return width_; }
  void add(Vertex v, PartId part) { sets_[v * width_ + part / kPartsOfWord] |= bit(part); }
  void prefetch(Vertex v) const { gasket::prefetch(&sets_[v * width_]); }

  static std::uint64_t bit(PartId part) { return std::uint64_t{1} << part % kPartsOfWord; }
  /// The parts that the vertex really is in.
  std::uint64_t* words(Vertex v) {
    std::uint64_t* const set = &sets_[v * width_];
    return *set & kHub ? &of_hubs_[(*set & ~kHub) * width_] : set;
  }

  /// The first part that holds both, and notes that hubs are in it; `none` when there is none, or when both are hubs.
  PartId meet(Vertex a, Vertex b, PartId none) { return width_ == 1 ? meet_in<1>(a, b, none) : meet_in<0>(a, b, none); }

 private:
  static constexpr std::uint64_t kHub = std::uint64_t{1} << 63;
  static std::uint64_t all_if_hub(std::uint64_t word) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(word) >> 63);
  }

  template <std::size_t kWidth>
  PartId meet_in(Vertex a, Vertex b, PartId none) {
    const std::size_t width = kWidth == 0 ? width_ : kWidth;
    const std::uint64_t first = sets_[a * width], second = sets_[b * width];
    const std::uint64_t all_of_first = all_if_hub(first), all_of_second = all_if_hub(second);
    std::uint64_t common = (first | all_of_first) & (second | all_of_second) & ~kHub;
    std::size_t word = 0;
    for (; common == 0 && word + 1 < width;) {
      ++word;
      common = (sets_[a * width + word] | all_of_first) & (sets_[b * width + word] | all_of_second);
    }
    const bool found = common != 0 && (all_of_first & all_of_second) == 0;
    const int at = std::countr_zero(common | kHub);
    const std::uint64_t part = std::uint64_t{found} << at;
    const auto note = [&](std::uint64_t set, std::uint64_t all) {
      std::uint64_t& word_of_hub = of_hubs_[(set & all & ~kHub) * width + word];
      if ((part & ~word_of_hub) != 0) word_of_hub |= part;  // seldom, and a write would keep later reads waiting
    };
    note(first, all_of_first);
    note(second, all_of_second);
    return found ? static_cast<PartId>(word * kPartsOfWord) + static_cast<PartId>(at) : none;
  }

  std::size_t width_;
  BigArray<std::uint64_t> sets_;
  BigArray<std::uint64_t> of_hubs_;  // row 0, for vertices that are no hubs, has all parts already
};

}  // namespace gasket
