// expect: a program with 'scatter' runs without supersteps only if it is 'monotone'
#include "engine/async/async_engine.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum scatter(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
};
constexpr bool accepted = gasket::detail::check_async_program<Program>();
