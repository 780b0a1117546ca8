#pragma once
// PageRank for engines without supersteps: a vertex runs when a neighbour's rank has changed by more than a threshold.
// Vertices without out-edges keep what they have; since their share would go to all vertices alike, it only scales the
// result, and ranks are divided by their sum at the end.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "engine/monoid.hpp"
#include "engine/program.hpp"

namespace gasket {

struct DynamicPageRank {
  using Data = double;
  using Ghost = double;  // rank per out-edge
  using Accum = double;

  double damping = 0.85;
  double threshold = 0;

  /// So that the ranks, divided by their sum, are within `distance` of the fixpoint (sum of differences): where neighbours
  /// know a rank that is at most `threshold` off, ranks are n * threshold / (1 - damping) off; their sum is at least
  /// 1 - damping (the rest is lost at vertices without out-edge), and dividing by it at most doubles what is off.
  static double threshold_for(double distance, double damping, GlobalId vertices) {
    return distance * (1 - damping) * (1 - damping) / 2 / static_cast<double>(std::max<GlobalId>(vertices, 1));
  }

  Data init(const Vertex& v) const { return (1 - damping) / static_cast<double>(v.count); }
  Ghost ghost(const Vertex& v, const Data& rank) const { return v.out_degree > 0 ? rank / v.out_degree : 0; }
  Accum gather(const Edge<Ghost>& e) const { return e.from.ghost; }
  Data apply(const Vertex& v, const Data&, const Accum& in) const {
    return (1 - damping) / static_cast<double>(v.count) + damping * in;
  }
  bool changed(const Data& before, const Data& after) const { return std::abs(after - before) > threshold; }
  /// Large changes first, in powers of two.
  std::uint64_t priority_of_change(const Data& told, const Data& now) const {
    constexpr int kLargest = 64;  // no rank changes by 2^64
    return static_cast<std::uint64_t>(std::clamp(kLargest - std::ilogb(now - told), 0, 2000));
  }
};

}  // namespace gasket
