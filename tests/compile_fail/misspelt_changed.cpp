// expect: looks like a misspelt optional one
#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
  bool has_changed(const Data& before, const Data& after) const { return before != after; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
