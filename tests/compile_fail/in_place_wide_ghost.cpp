// expect: 'in_place_after' is for programs that are 'always_awake'
#include <array>

#include "engine/program.hpp"

struct Program {
  using Data = std::array<double, 2>;
  using Accum = double;
  static constexpr bool always_awake = true;
  static constexpr unsigned in_place_after = 6;
  Data init(const gasket::Vertex&) const { return {}; }
  Accum gather(const gasket::Edge<Data>& e) const { return e.from.ghost[0]; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return {in, in}; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
