#pragma once
// Weakly connected components by label propagation: every vertex takes the smallest index it hears of over its edges,
// in either direction. Label: the vertex's index type, 32 bits where they suffice (half the bytes to read and to send).

#include <algorithm>

#include "engine/monoid.hpp"
#include "engine/program.hpp"

namespace gasket {

template <class Label>
struct Wcc {
  using Data = Label;
  using Accum = Min<Label>;
  static constexpr bool monotone = true;
  static constexpr EdgeDirection scatter_edges = EdgeDirection::both;

  Data init(const Vertex& v) const { return static_cast<Label>(v.index); }
  Accum scatter(const Edge<Data>& e) const { return {e.from.ghost}; }
  Data apply(const Vertex&, const Data& label, const Accum& offer) const { return std::min(label, offer.value); }
};

}  // namespace gasket
