// expect: 'Accum' needs '-=', which undoes '+='; minima and maxima have none
#include "engine/async/async_engine.hpp"
#include "engine/monoid.hpp"

struct Program {
  using Data = double;
  using Accum = gasket::Max<double>;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<double>& e) const { return {e.from.ghost}; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in.value; }
};
constexpr bool accepted = gasket::detail::check_async_program<Program>();
