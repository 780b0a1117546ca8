// expect: a vertex program needs a type 'Data'
#include "engine/program.hpp"

struct Program {
  using Accum = double;
  double init(const gasket::Vertex&) const { return 0; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
