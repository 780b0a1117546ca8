// expect: 'in_place_after' is for programs that are 'always_awake'
#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  static constexpr unsigned in_place_after = 6;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
