#pragma once
// PageRank as PowerGraph has it (toolkits/graph_analytics): the rank of dangling vertices is lost.
//   r = (1-d) + d * sum in, start 1, sum about n, until no rank changes by the tolerance

#include <algorithm>
#include <cmath>

#include "engine/program.hpp"

namespace gasket {

/// Value: double or float, as in BasicPageRank.
template <class Value>
struct PowerGraphPageRank {
  using Data = Value;   // the rank
  using Ghost = Value;  // the rank that goes over each out-edge
  using Accum = Value;
  struct Global {
    double largest = 0;  // largest |after - before|
    Global& operator+=(const Global& other) {
      largest = std::max(largest, other.largest);
      return *this;
    }
  };
  static constexpr bool always_awake = true;

  double damping = 0.85;
  double tolerance = 1e-3;  // stop when the largest change is below it; 0 runs to the limit of supersteps

  Data init(const Vertex&) const { return 1; }
  Ghost ghost(const Vertex& v, const Data& rank) const {
    return v.out_degree > 0 ? rank / static_cast<Value>(v.out_degree) : Value{0};
  }
  Accum gather(const Edge<Ghost>& e) const { return e.from.ghost; }
  Data apply(const Vertex&, const Data&, const Accum& in, const Global&) const {
    const auto d = static_cast<Value>(damping);
    return (1 - d) + d * in;
  }
  Global aggregate(const Vertex&, const Data& before, const Data& after) const {
    return {double{std::abs(after - before)}};
  }
  bool converged(const Global& sum) const { return sum.largest < tolerance; }
};

}  // namespace gasket
