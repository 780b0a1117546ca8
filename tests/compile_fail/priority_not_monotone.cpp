// expect: a program with 'priority' must be monotone
#include <algorithm>

#include "engine/monoid.hpp"
#include "engine/program.hpp"

struct Program {
  using Data = std::uint64_t;
  using Accum = gasket::Min<std::uint64_t>;
  Data init(const gasket::Vertex& v) const { return v.index; }
  Accum scatter(const gasket::Edge<Data>& e) const { return {e.from.ghost}; }
  Data apply(const gasket::Vertex&, const Data& data, const Accum& in) const { return std::min(data, in.value); }
  std::uint64_t priority(const Data& data) const { return data; }
};
constexpr bool accepted = gasket::detail::check_program<Program>();
