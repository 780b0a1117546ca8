// expect: a program with 'aggregate' needs a type 'Global'
#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
  double aggregate(const gasket::Vertex&, const Data&, const Data&) const { return 0; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
