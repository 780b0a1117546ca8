// expect: gasket: 'uses' is Consistency::edge or Consistency::full, and not weaker than 'needs'
#include "engine/scope/run_update.hpp"

struct Program {
  using Data = int;
  static constexpr gasket::Consistency needs = gasket::Consistency::full;
  static constexpr gasket::Consistency uses = gasket::Consistency::edge;
  Data init(const gasket::Vertex&) const { return 0; }
  template <class S>
  void update(S& scope) const {
    for (const auto n : scope.neighbours()) scope.set(n.data());
  }
};

auto run(const gasket::ScopeGraph& graph) {
  return gasket::run_update(graph, Program(), gasket::ScopeEngine::locking, {});
}
