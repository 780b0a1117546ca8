#pragma once
// What must hold for a loaded graph whatever its placement, and values of all ranks in order of id.

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "engine/output.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/world.hpp"

namespace gasket {

template <class T>
std::vector<T> from_all(const std::vector<T>& mine) {
  return world().all_gather_spans(std::span<const T>(mine));
}

template <class T>
std::vector<T> collect(const DistributedGraph& graph, const BigArray<T>& values) {
  const ValueSlice<T> slice = slice_by_id(graph, values);
  return world().all_gather_spans(std::span<const T>(slice.values.span()));
}

/// Each arc, with its weight, is on one rank, each vertex has one master, ghosts are where arcs need them. Collective.
inline void check_structure(const DistributedGraph& graph, const Oracle& oracle) {
  struct Arc {
    GlobalId source, target;
    double weight;
    auto operator<=>(const Arc&) const = default;
  };
  std::vector<Arc> arcs, expected;
  std::vector<GlobalId> masters;
  std::vector<char> used(graph.locals());
  const Adjacency& rows = graph.by_target();
  for (LocalId v = 0; v < graph.locals(); ++v) {
    if (v < graph.masters()) masters.push_back(graph.global_id(v));
    for (EdgeCount i = rows.offsets[v]; i < rows.offsets[v + 1]; ++i) {
      const LocalId u = rows.neighbours[i];
      arcs.push_back({graph.global_id(u), graph.global_id(v), graph.weighted() ? rows.weights[i] : 0});
      used[u] = used[v] = 1;
    }
  }
  for (LocalId v = graph.masters(); v < graph.locals(); ++v) CHECK(used[v] == 1);
  for (const Oracle::Arc& arc : oracle.arcs)
    expected.push_back({arc.source, arc.target, graph.weighted() ? arc.weight : 0});
  arcs = from_all(arcs);
  std::ranges::sort(arcs);
  std::ranges::sort(expected);
  CHECK((arcs == expected));
  masters = from_all(masters);
  std::ranges::sort(masters);
  REQUIRE(masters.size() == oracle.count());
  for (std::size_t v = 0; v < masters.size(); ++v) REQUIRE(masters[v] == v);
}

}  // namespace gasket
