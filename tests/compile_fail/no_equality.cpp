// expect: 'Data' has no ==
#include "engine/program.hpp"

struct Program {
  struct Data {
    double value;
  };
  using Accum = double;
  Data init(const gasket::Vertex&) const { return {0}; }
  Accum gather(const gasket::Edge<Data>& e) const { return e.from.ghost.value; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return {in}; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
