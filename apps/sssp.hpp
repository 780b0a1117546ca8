#pragma once
// Single-source shortest paths over non-negative weights, along out-edges: delta-stepping (Meyer,
// Sanders, J. Algorithms 49, 2003).

#include <algorithm>
#include <limits>

#include "engine/monoid.hpp"
#include "engine/program.hpp"

namespace gasket {

/// Distance: double, or std::uint32_t where weights are whole numbers and no path is longer than 2^32 - 2: half the
/// bytes to read at random.
template <class Distance>
struct BasicSssp {
  using Data = Distance;  // from the source; unreached when there is no path
  using Accum = Min<Distance>;
  using EdgeData = double;
  static constexpr bool monotone = true;
  static constexpr Data unreached = Accum().value;

  GlobalId source = 0;
  double delta = 1;  // distances in the same multiple of it are settled together

  Data init(const Vertex& v) const { return v.index == source ? Data{0} : unreached; }
  bool seed(const Vertex& v) const { return v.index == source; }
  Accum scatter(const Edge<Data, EdgeData>& e) const { return {e.from.ghost + static_cast<Distance>(e.data)}; }
  Data apply(const Vertex&, const Data& distance, const Accum& offer) const { return std::min(distance, offer.value); }
  std::uint64_t priority(const Data& distance) const {
    return static_cast<std::uint64_t>(std::min(static_cast<double>(distance) / delta, 1e18));
  }
};

using Sssp = BasicSssp<double>;

/// Whether distances of whole numbers fit 32 bits: a shortest path has fewer edges than the graph vertices.
inline bool fits_32_bits(GlobalId vertices, double highest_weight) {
  return static_cast<double>(vertices) * highest_weight < 4294967295.0;
}

/// Whether a distance may be more than a double holds: infinity, which says that there is no path.
inline bool may_overflow(GlobalId vertices, double highest_weight) {
  return static_cast<double>(vertices) * highest_weight > std::numeric_limits<double>::max() / 2;  // sums are rounded
}

}  // namespace gasket
