// A sum of a class of one's own is kept by differences if it has -=.
#include "engine/async/async_engine.hpp"

struct Moments {
  double sum = 0, squares = 0;
  Moments& operator+=(const Moments& other) {
    sum += other.sum;
    squares += other.squares;
    return *this;
  }
  Moments& operator-=(const Moments& other) {
    sum -= other.sum;
    squares -= other.squares;
    return *this;
  }
};
struct Program {
  using Data = double;
  using Accum = Moments;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<double>& e) const { return {e.from.ghost, e.from.ghost * e.from.ghost}; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in.sum + in.squares; }
};
static_assert(gasket::detail::check_async_program<Program>() && gasket::makes_offers<Program>);
