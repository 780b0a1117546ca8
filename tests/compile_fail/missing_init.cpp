// expect: a vertex program needs 'Data init(const Vertex&) const'
#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  Accum gather(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
