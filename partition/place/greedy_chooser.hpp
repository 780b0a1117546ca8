#pragma once
// Where an edge goes in oblivious, greedy and HDRF: to the part of highest score
//
//   g(u) [u has a copy there] + g(v) [v has a copy there] + lambda (max - load) / (1 + max - min)
//
// among the parts that are not full. Parts with copies of both ends, of u alone, of v alone and of neither differ by
// load only, so of each kind just the least loaded is compared, found by bit slices (sliced_loads.hpp) and without
// branches, which no processor could predict: O(log of how far loads differ) per edge for each 64 parts.

#include <array>
#include <bit>

#include "partition/place/sliced_loads.hpp"

namespace gasket {

/// What having a copy of u or v is worth: gains(u, v) -> that of u, that of v.
struct Gains {
  double u, v;
};

class GreedyChooser {
 public:
  GreedyChooser(double lambda, const SlicedLoads& loads) : lambda_(fixed(lambda)), loads_(loads) {}

  /// Of up to 64 parts.
  PartId choose(std::uint64_t u, std::uint64_t v, Gains gains) const {
    Sets sets = kinds(u, v, 0);
    if (sets[any] == 0) sets[any] = loads_.all(0);
    loads_.keep_least(0, sets);
    return best({{first(sets[any], 0), first(sets[only_u], 0), first(sets[only_v], 0), first(sets[both], 0)}}, gains);
  }
  /// Of any number; `least`: the least loaded of all.
  template <class Copies>
  PartId choose(const Copies& copies, GlobalId u, GlobalId v, Gains gains, PartId least) const {
    Candidates found = {};
    found[any] = {loads_.open_part(least) ? least : least_open(least), true};
    for (std::size_t w = 0; w < loads_.words(); ++w) {
      const std::uint64_t at_u = copies.word(u, w), at_v = copies.word(v, w);
      if ((at_u | at_v) == 0) continue;
      Sets sets = kinds(at_u, at_v, w);
      loads_.keep_least(w, sets);
      for (std::size_t kind = only_u; kind < kKinds; ++kind) {
        const Candidate here = first(sets[kind], w);
        if (here.exists && (!found[kind].exists || loads_.room(here.part) > loads_.room(found[kind].part)))
          found[kind] = here;
      }
    }
    return best(found, gains);
  }

 private:
  enum Kind : std::size_t { any, only_u, only_v, both, kKinds };
  using Sets = std::array<std::uint64_t, kKinds>;
  struct Candidate {
    PartId part = 0;
    bool exists = false;
  };
  using Candidates = std::array<Candidate, kKinds>;

  static std::int64_t fixed(double x) { return static_cast<std::int64_t>(x * (1 << 20)); }

  Sets kinds(std::uint64_t u, std::uint64_t v, std::size_t word) const {
    const std::uint64_t open = loads_.open(word);
    return {open, u & ~v & open, v & ~u & open, u & v & open};
  }
  static Candidate first(std::uint64_t set, std::size_t word) {
    return {static_cast<PartId>(64 * word + (static_cast<std::size_t>(std::countr_zero(set)) & 63)), set != 0};
  }
  // `otherwise` where all are full.
  PartId least_open(PartId otherwise) const {
    Candidate found;
    for (std::size_t w = 0; w < loads_.words(); ++w) {
      std::array sets{loads_.open(w)};
      loads_.keep_least(w, sets);
      const Candidate here = first(sets[0], w);
      if (here.exists && (!found.exists || loads_.room(here.part) > loads_.room(found.part))) found = here;
    }
    return found.exists ? found.part : otherwise;
  }
  // Compares scores times the denominator; of equal ones the first kind.
  PartId best(const Candidates& candidates, Gains gains) const {
    const std::int64_t scale = loads_.unit() + loads_.room(candidates[any].part);
    const std::int64_t gain[kKinds] = {0, fixed(gains.u), fixed(gains.v), fixed(gains.u + gains.v)};
    PartId part = 0;
    std::int64_t highest = -1;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      const Candidate c = candidates[kind];
      const std::int64_t score = c.exists ? gain[kind] * scale + lambda_ * loads_.room(c.part) : -1;
      part = score > highest ? c.part : part;
      highest = score > highest ? score : highest;
    }
    return part;
  }

  std::int64_t lambda_;
  const SlicedLoads& loads_;
};

}  // namespace gasket
