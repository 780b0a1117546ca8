// expect: 'scatter' has the wrong signature
// Looks at edge data without saying EdgeData.
#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum scatter(const gasket::Edge<double, double>& e) const { return e.data; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
