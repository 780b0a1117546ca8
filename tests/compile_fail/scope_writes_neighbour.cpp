// expect: gasket: an update may write its neighbours only under full consistency; the program needs Consistency::full
#include "engine/scope/run_update.hpp"

struct Program {
  using Data = int;
  static constexpr gasket::Consistency needs = gasket::Consistency::edge;
  Data init(const gasket::Vertex&) const { return 0; }
  template <class S>
  void update(S& scope) const {
    for (const auto n : scope.neighbours()) n.set(1);
  }
};

auto run(const gasket::ScopeGraph& graph) {
  return gasket::run_update(graph, Program(), gasket::ScopeEngine::locking, {});
}
