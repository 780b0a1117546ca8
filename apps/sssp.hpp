#pragma once
// Single-source shortest paths over non-negative weights, along out-edges: Bellman-Ford on the changed vertices.

#include <algorithm>
#include <limits>

#include "engine/monoid.hpp"
#include "engine/program.hpp"

namespace gasket {

struct Sssp {
  using Data = double;  // distance from the source; infinity when there is no path
  using Accum = Min<double>;
  using EdgeData = double;

  static constexpr bool monotone = true;

  GlobalId source = 0;
  double delta = 1;  // distances in the same multiple of it are settled together

  std::uint64_t priority(const Data& distance) const {
    return static_cast<std::uint64_t>(std::min(distance / delta, 1e18));
  }

  Data init(const Vertex& v) const { return v.index == source ? 0.0 : std::numeric_limits<double>::infinity(); }
  bool seed(const Vertex& v) const { return v.index == source; }
  Accum scatter(const Edge<Data, EdgeData>& e) const { return {e.from.ghost + e.data}; }
  Data apply(const Vertex&, const Data& distance, const Accum& offer) const { return std::min(distance, offer.value); }
};

}  // namespace gasket
