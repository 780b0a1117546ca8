// expect: gasket: under vertex consistency an update must not write its edges; the program needs Consistency::edge
#include "engine/scope/run_update.hpp"

struct Program {
  using Data = int;
  using EdgeData = int;
  static constexpr gasket::Consistency needs = gasket::Consistency::vertex;
  Data init(const gasket::Vertex&) const { return 0; }
  template <class S>
  void update(S& scope) const {
    for (const auto n : scope.neighbours()) n.set_edge(1);
  }
};

auto run(const gasket::ScopeGraph& graph) {
  return gasket::run_update(graph, Program(), gasket::ScopeEngine::locking, {});
}
