// expect: a program with a 'Ghost' of its own needs
#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  using Ghost = float;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<float>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
