#pragma once
// A program that gathers while neighbours change: the largest index that reaches a vertex along the edges it gathers over.

#include <algorithm>
#include <cstdint>

#include "engine/program.hpp"

namespace gasket::test {

template <EdgeDirection Edges>
struct LargestReaching {
  using Data = std::uint64_t;
  using Accum = Max<std::uint64_t>;
  static constexpr EdgeDirection gather_edges = Edges;
  Data init(const Vertex& v) const { return v.index; }
  Accum gather(const Edge<Data>& e) const { return {e.from.ghost}; }
  Data apply(const Vertex&, const Data& data, const Accum& in) const { return std::max(data, in.value); }
};

}  // namespace gasket::test
