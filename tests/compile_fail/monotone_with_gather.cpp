// expect: 'monotone', 'first_offer_is_best' and 'priority' are for programs with 'scatter'
#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  static constexpr bool monotone = true;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
};
constexpr bool accepted = gasket::detail::check_program<Program>();
