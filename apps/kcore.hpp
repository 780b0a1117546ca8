#pragma once
// Core numbers as a fixpoint: a vertex is in the k-core when k of its neighbours are, so its core number is the largest k
// such that k of its edges lead to core numbers of k or more (Lue et al., The H-index of a network node and its relation to
// degree and coreness, Nature Communications 7, 2016; Montresor, De Pellegrini, Miorandi, PODC 2011). Estimates
// begin with degrees and only fall, so any order of updates and any consistency lead there.

#include <algorithm>
#include <vector>

#include "engine/scope/scope.hpp"

namespace gasket {

struct CoreNumbers {
  using Data = std::uint32_t;
  static constexpr Consistency needs = Consistency::vertex;
  static constexpr Consistency uses = Consistency::edge;

  Data init(const Vertex& v) const { return v.in_degree + v.out_degree; }
  std::uint64_t first_priority(const Vertex& v) const { return v.in_degree; }

  template <class S>
  void update(S& scope) const {
    const Data before = scope.data();
    const Data after = std::min(before, support(scope));
    if (after == before) return;
    scope.set(after);
    for (const auto n : scope.neighbours())
      if (n.data() > after) n.signal(after);
  }

 private:
  // The largest k such that k edges lead to other vertices whose estimate is k or more.
  template <class S>
  Data support(S& scope) const {
    thread_local std::vector<Data> counts;
    counts.assign(scope.degree() + 1, 0);
    for (const auto n : scope.neighbours())
      if (n.index() != scope.vertex().index) ++counts[std::min<std::size_t>(n.data(), scope.degree())];
    Data above = 0;
    for (auto k = static_cast<Data>(scope.degree()); k > 0; --k) {
      above += counts[k];
      if (above >= k) return k;
    }
    return 0;
  }
};

}  // namespace gasket
