// expect: a program with 'Global' needs supersteps; only the synchronous engine has them
#include "engine/async/async_engine.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  struct Global {
    double sum = 0;
    Global& operator+=(const Global& other) {
      sum += other.sum;
      return *this;
    }
  };
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in, const Global&) const { return in; }
  Global aggregate(const gasket::Vertex&, const Data&, const Data& after) const { return {after}; }
};
constexpr bool accepted = gasket::detail::check_async_program<Program>();
