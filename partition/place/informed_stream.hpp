#pragma once
// Edges placed one after the other, knowing where copies of their ends are already: into a part with both, else with
// one, else into any, as long as it has room (informed streaming: Mayer, Jacobsen: Hybrid Edge Partitioner, SIGMOD 2021,
// section 3.3). Of several the first one: loads need no levelling, since no part may have more than its limit anyway.

#include <vector>

#include "partition/place/part_sets.hpp"

namespace gasket {

class InformedStream {
 public:
  /// `room` of each part.
  InformedStream(PartSets& sets, std::vector<EdgeCount> room)
      : sets_(sets), room_(std::move(room)), open_(sets.width()) {
    for (PartId q = 0; q < room_.size(); ++q)
      if (room_[q] > 0) open_[q / PartSets::kPartsOfWord] |= PartSets::bit(q);
  }

  /// There is a part with room.
  PartId place(std::uint32_t source, std::uint32_t target) {
    std::uint64_t* const a = sets_.words(source);
    std::uint64_t* const b = sets_.words(target);
    const PartId part = choose(a, b);
    const std::size_t word = part / PartSets::kPartsOfWord;
    for (std::uint64_t* const set : {a, b})  // it mostly is in there, and a write would keep later reads waiting
      if ((set[word] & PartSets::bit(part)) == 0) set[word] |= PartSets::bit(part);
    if (--room_[part] == 0) open_[word] &= ~PartSets::bit(part);
    return part;
  }

 private:
  PartId choose(const std::uint64_t* a, const std::uint64_t* b) const {
    PartId part = 0;
    const auto found = [&](const auto& word_of) {
      for (std::size_t i = 0; i < open_.size(); ++i) {
        const std::uint64_t word = open_[i] & word_of(i);
        if (word == 0) continue;
        part = static_cast<PartId>(i) * PartSets::kPartsOfWord + static_cast<PartId>(std::countr_zero(word));
        return true;
      }
      return false;
    };
    found([&](std::size_t i) { return a[i] & b[i]; }) || found([&](std::size_t i) { return a[i] | b[i]; }) ||
        found([](std::size_t) { return ~std::uint64_t{0}; });
    return part;
  }

  PartSets& sets_;
  std::vector<EdgeCount> room_;
  std::vector<std::uint64_t> open_;  // parts with room
};

}  // namespace gasket
