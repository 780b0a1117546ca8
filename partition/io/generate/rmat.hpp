#pragma once
// R-MAT edges, four levels of the recursion at a time.
//
// An edge is a path through `scale` levels, at each of which it falls into one of four quadrants. The 256 outcomes of
// four levels are drawn at once from an alias table (Hübschle-Schneider, Sanders: Linear Work Generation of R-MAT
// Graphs, Network Science 2020; tables after Vose, 1991), with 32 random bits: 8 choose the entry, 24 between it and
// its alias. A graph of scale 22 needs three random numbers and six look-ups per edge instead of 22 draws.

#include <array>
#include <cmath>
#include <vector>

#include "partition/io/generate.hpp"
#include "partition/permutation.hpp"
#include "partition/random.hpp"

namespace gasket::generate {

/// Outcomes of `levels` (1 to 4) levels: two bits each, first level uppermost, source bit before target bit.
class QuadrantTable {
 public:
  QuadrantTable(int levels, double a, double b, double c) : shift_(32 - 2 * levels) {
    const double quadrant[] = {a, b, c, std::max(0.0, 1 - a - b - c)};
    const std::size_t size = std::size_t{1} << (2 * levels);
    const double full = static_cast<double>(std::uint32_t{1} << shift_);
    std::vector<double> height(size);  // probability * size: 1 fills an entry
    for (std::size_t outcome = 0; outcome < size; ++outcome) {
      double probability = static_cast<double>(size);
      for (int level = 0; level < levels; ++level) probability *= quadrant[(outcome >> (2 * level)) & 3];
      height[outcome] = probability;
    }
    std::vector<std::size_t> low, high;
    for (std::size_t outcome = 0; outcome < size; ++outcome) {
      entries_[outcome] = entry(outcome, outcome, static_cast<std::uint32_t>(full));
      (height[outcome] < 1 ? low : high).push_back(outcome);
    }
    while (!low.empty() && !high.empty()) {
      const std::size_t needs = low.back(), gives = high.back();
      low.pop_back();
      entries_[needs] = entry(needs, gives, static_cast<std::uint32_t>(std::lround(height[needs] * full)));
      height[gives] -= 1 - height[needs];
      if (height[gives] < 1) {
        high.pop_back();
        low.push_back(gives);
      }
    }
  }

  struct Bits {
    std::uint64_t source, target;
  };
  Bits operator()(std::uint32_t random) const {
    const Entry& e = entries_[random >> shift_];
    const std::uint32_t rest = random & ((std::uint32_t{1} << shift_) - 1);
    const std::uint32_t chosen =
        e.outcomes >> (rest < e.threshold ? 0 : 8);  // a shift, as a branch would be guessed wrong
    return {chosen >> 4 & 15, chosen & 15};
  }

 private:
  struct Entry {
    std::uint32_t threshold;
    std::uint32_t outcomes;  // own in the lower byte, alias in the upper: four source bits, four target bits each
  };

  static std::uint32_t split(std::size_t outcome) {
    std::size_t source = 0, target = 0;
    for (int level = 3; level >= 0; --level) {
      source = source << 1 | (outcome >> (2 * level + 1) & 1);
      target = target << 1 | (outcome >> (2 * level) & 1);
    }
    return static_cast<std::uint32_t>(source << 4 | target);
  }
  static Entry entry(std::size_t own, std::size_t alias, std::uint32_t threshold) {
    return {threshold, split(own) | split(alias) << 8};
  }

  int shift_;
  std::array<Entry, 256> entries_{};
};

class Rmat {
 public:
  explicit Rmat(const GeneratorSpec& spec)
      : scale_(static_cast<int>(spec.scale)),
        edges_(spec.edge_factor << spec.scale),
        permute_(spec.permute),
        last_levels_((scale_ - 1) % 4 + 1),
        draws_((scale_ + 3) / 4),
        four_(4, spec.a, spec.b, spec.c),
        last_(last_levels_, spec.a, spec.b, spec.c),
        random_(spec.seed, 1),
        permutation_(vertices(), RandomStream(spec.seed, 2)) {}

  static constexpr bool kDirected = true;
  std::uint64_t vertices() const { return std::uint64_t{1} << scale_; }
  std::uint64_t edges() const { return edges_; }

  template <class Id>
  void fill(std::uint64_t first, std::span<Id> pairs) const {
    const int full = draws_ - 1;
    const auto words = static_cast<std::uint64_t>((draws_ + 1) / 2);
    for (std::size_t e = 0; e < pairs.size() / 2; ++e) {
      std::uint64_t counter = (first + e) * words;
      std::uint64_t source = 0, target = 0, random = 0;
      for (int draw = 0; draw < full; ++draw) {
        random = draw % 2 == 0 ? random_(counter++) : random >> 32;
        const auto [s, t] = four_(static_cast<std::uint32_t>(random));
        source = source << 4 | s;
        target = target << 4 | t;
      }
      random = full % 2 == 0 ? random_(counter) : random >> 32;
      const auto [s, t] = last_(static_cast<std::uint32_t>(random));
      source = source << last_levels_ | s;
      target = target << last_levels_ | t;
      if (permute_) {
        source = permutation_(source);
        target = permutation_(target);
      }
      pairs[2 * e] = static_cast<Id>(source);
      pairs[2 * e + 1] = static_cast<Id>(target);
    }
  }

 private:
  int scale_;
  std::uint64_t edges_;
  bool permute_;
  int last_levels_;  // of the last draw: 1 to 4
  int draws_;
  QuadrantTable four_, last_;
  RandomStream random_;
  Permutation permutation_;
};

}  // namespace gasket::generate
