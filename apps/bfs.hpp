#pragma once
// Breadth-first search: the number of edges on a shortest path from the source, along out-edges.

#include <algorithm>
#include <cstdint>
#include <limits>

#include "engine/monoid.hpp"
#include "engine/program.hpp"

namespace gasket {

struct Bfs {
  using Data = std::uint32_t;
  using Accum = Min<std::uint32_t>;
  static constexpr bool first_offer_is_best = true;
  static constexpr Data unreached = std::numeric_limits<Data>::max();

  GlobalId source = 0;

  Data init(const Vertex& v) const { return v.index == source ? 0 : unreached; }
  bool seed(const Vertex& v) const { return v.index == source; }
  Accum scatter(const Edge<Data>& e) const { return {e.from.ghost + 1}; }
  Data apply(const Vertex&, const Data& depth, const Accum& offer) const { return std::min(depth, offer.value); }
};

/// The same for engines without supersteps, where the first offer need not be the best.
struct DynamicBfs : Bfs {
  static constexpr bool first_offer_is_best = false;
  static constexpr bool monotone = true;
  std::uint64_t priority(const Data& depth) const { return depth; }
};

}  // namespace gasket
