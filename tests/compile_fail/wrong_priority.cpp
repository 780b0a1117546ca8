// expect: it must be 'std::uint64_t priority(const Data&) const'
#include "engine/program.hpp"
#include "engine/monoid.hpp"

struct Program {
  using Data = std::uint64_t;
  using Accum = gasket::Min<std::uint64_t>;
  static constexpr bool monotone = true;
  Data init(const gasket::Vertex& v) const { return v.index; }
  Accum scatter(const gasket::Edge<Data>& e) const { return {e.from.ghost}; }
  Data apply(const gasket::Vertex&, const Data& data, const Accum& in) const {
    return in.value < data ? in.value : data;
  }
  double priority(const Data& data) const { return static_cast<double>(data); }
};
constexpr bool accepted = gasket::detail::check_program<Program>();
