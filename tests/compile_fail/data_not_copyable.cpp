// expect: must be trivially copyable
#include "engine/program.hpp"

#include <vector>

struct Program {
  using Data = std::vector<double>;
  using Accum = double;
  Data init(const gasket::Vertex&) const { return {}; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
