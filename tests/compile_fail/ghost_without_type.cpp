// expect: a program with 'ghost' needs a type 'Ghost'
#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
  double ghost(const gasket::Vertex&, const Data& data) const { return data; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
