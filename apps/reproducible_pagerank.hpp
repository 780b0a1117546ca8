#pragma once
// PageRank in whole numbers: the same bits for every number of ranks and threads and every placement, because sums of
// whole numbers do not depend on their order. A rank is counted in parts of 2^-60: ranks that sum to 1 cannot overflow
// 64 bits, and a part is a billionth of the mean rank of a graph of 10^9 vertices. What is not a sum over neighbours is
// computed in double, from equal numbers by equal operations, so it is equal too.
//
// The rule is that of pagerank.hpp with ranks that sum to 1.

#include <cmath>
#include <cstdint>

#include "engine/program.hpp"

namespace gasket {

struct ReproduciblePageRank {
  using Data = std::int64_t;   // the rank, in parts
  using Ghost = std::int64_t;  // what goes over each out-edge
  using Accum = std::int64_t;
  struct Global {
    std::int64_t dangling = 0;
    std::int64_t change = 0;
    Global& operator+=(const Global& other) {
      dangling += other.dangling;
      change += other.change;
      return *this;
    }
  };
  static constexpr bool always_awake = true;
  static constexpr double one = 1152921504606846976.0;  // 2^60

  double damping = 0.85;
  double tolerance = 1e-9;  // stop when the sum of changes is below it; 0 runs to the limit of supersteps

  Data init(const Vertex& v) const { return static_cast<Data>(one / static_cast<double>(v.count)); }
  Ghost ghost(const Vertex& v, const Data& rank) const {  // in double, because whole numbers are divided slowly
    return v.out_degree > 0 ? static_cast<Ghost>(static_cast<double>(rank) / v.out_degree) : 0;
  }
  Accum gather(const Edge<Ghost>& e) const { return e.from.ghost; }
  Data apply(const Vertex& v, const Data&, const Accum& in, const Global& sum) const {
    const auto n = static_cast<double>(v.count);
    const double base = ((1 - damping) * one + damping * static_cast<double>(sum.dangling)) / n;
    return static_cast<Data>(base + damping * static_cast<double>(in));
  }
  Global aggregate(const Vertex& v, const Data& before, const Data& after) const {
    return {v.out_degree > 0 ? 0 : after, after < before ? before - after : after - before};
  }
  bool converged(const Global& sum) const { return static_cast<double>(sum.change) < tolerance * one; }

  /// The rank as a part of 1.
  static double rank(const Data& parts) { return static_cast<double>(parts) / one; }
};

}  // namespace gasket
