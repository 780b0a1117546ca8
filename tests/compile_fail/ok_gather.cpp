// The least program there is; the failing ones lack or spoil exactly one of its members.
#include "engine/program.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return in; }
};

constexpr bool accepted = gasket::detail::check_program<Program>();
static_assert(accepted);
