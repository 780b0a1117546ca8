// expect: 'always_awake' is for programs with 'gather'
#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  static constexpr bool always_awake = true;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum scatter(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
