// expect: 'Accum' must be a monoid
#include "engine/program.hpp"

struct Program {
  using Data = double;
  struct Accum {};
  Data init(const gasket::Vertex&) const { return 0; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
