// A program may do all that the level it needs allows, and runs under stronger ones too.
#include "engine/scope/run_update.hpp"

struct Program {
  using Data = int;
  using EdgeData = int;
  static constexpr gasket::Consistency needs = gasket::Consistency::full;
  Data init(const gasket::Vertex&) const { return 0; }
  template <class S>
  void update(S& scope) const {
    for (const auto n : scope.neighbours()) {
      n.set_edge(1);
      n.set(n.data() + 1);
      n.signal();
    }
    scope.set(scope.runs() > 0 ? 1 : 0);
  }
};

auto run(const gasket::ScopeGraph& graph) {
  return gasket::run_update(graph, Program(), gasket::ScopeEngine::locking, {});
}
