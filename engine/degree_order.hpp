#pragma once
// All vertices of the graph in the order of their degrees, the highest first: a vertex' place in it is a dense id that
// every rank knows for its masters and ghosts. Equal degrees go by rank and local id. Degrees above 128 count as equal
// when their first seven bits are, so that the order costs a table of 2048 counts per rank and no sort.

#include <array>
#include <bit>

#include "engine/ghost_sync.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

namespace detail {

inline constexpr std::size_t kDegreeClasses = 128 + 64 * 32;

/// Ascending with the degree; below 2^38.
constexpr std::size_t degree_class(std::uint64_t degree) {
  if (degree < 128) return degree;
  const int shift = std::bit_width(degree) - 7;
  return 128 + static_cast<std::size_t>(shift - 1) * 64 + ((degree >> shift) - 64);
}

}  // namespace detail

/// The places of the local vertices. Collective. O(local vertices).
template <class Id>
BigArray<Id> order_by_degree(const DistributedGraph& graph) {
  using Classes = std::array<std::uint64_t, detail::kDegreeClasses>;
  Communicator& comm = graph.communicator();
  const auto class_of = [&](LocalId v) {
    return detail::degree_class(std::uint64_t{graph.in_degree(v)} + graph.out_degree(v));
  };
  Classes mine{};
  for (LocalId v = 0; v < graph.masters(); ++v) ++mine[class_of(v)];
  const std::vector<Classes> all = comm.all_gather(mine);
  Classes next{};
  std::uint64_t before = 0;
  for (std::size_t c = detail::kDegreeClasses; c-- > 0;)
    for (std::size_t r = 0; r < all.size(); ++r) {
      if (r == static_cast<std::size_t>(comm.rank())) next[c] = before;
      before += all[r][c];
    }

  BigArray<Id> places(graph.locals());
  for (LocalId v = 0; v < graph.masters(); ++v) places[v] = static_cast<Id>(next[class_of(v)]++);
  GhostSync<Id>(comm, graph.ghost_plan(), Tag::broadcast).broadcast_all(Flow::both, places);
  return places;
}

}  // namespace gasket
