// expect: a vertex program needs a type 'Accum'
#include "engine/program.hpp"

struct Program {
  using Data = double;
  Data init(const gasket::Vertex&) const { return 0; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
