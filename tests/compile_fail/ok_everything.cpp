#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Ghost = float;
  using Accum = double;
  using Global = double;
  using EdgeData = double;
  static constexpr auto gather_edges = gasket::EdgeDirection::both;
  static constexpr bool always_awake = true;
  static constexpr unsigned in_place_after = 6;
  Data init(const gasket::Vertex&) const { return 0; }
  Ghost ghost(const gasket::Vertex&, const Data& data) const { return static_cast<Ghost>(data); }
  Accum gather(const gasket::Edge<Ghost, EdgeData>& e) const { return e.from.ghost * e.data; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in, const Global& sum) const { return in + sum; }
  bool changed(const Data& before, const Data& after) const { return before < after; }
  bool seed(const gasket::Vertex& v) const { return v.id == 1; }
  Global aggregate(const gasket::Vertex&, const Data&, const Data& after) const { return after; }
  bool converged(const Global& sum) const { return sum > 1; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
static_assert(accepted);
