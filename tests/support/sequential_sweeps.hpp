#pragma once
// The obvious way to run an update program: one rank, one worker, one vertex after the other.

#include <algorithm>
#include <deque>
#include <vector>

#include "engine/scope/scope.hpp"

namespace gasket {

/// Runs what is scheduled in sweeps: in each, every scheduled vertex once, ascending by key(v); a signal to a vertex that
/// the sweep has still to pass is of this sweep. Ends when nobody is scheduled, or after so many sweeps. One rank.
template <class P, Consistency C, class Key>
BigArray<typename P::Data> run_sequential_sweeps(const ScopeGraph& graph, const P& program, std::uint64_t seed,
                                                 std::uint64_t max_sweeps, const Key& key) {
  ScopeStore<P> store(graph, program);
  std::vector<LocalId> order(graph.masters());
  for (LocalId v = 0; v < graph.masters(); ++v) order[v] = v;
  std::ranges::sort(order, {}, key);
  std::vector<bool> scheduled(graph.masters(), true);
  if constexpr (UpdateTraits<P>::has_seed)
    for (LocalId v = 0; v < graph.masters(); ++v) scheduled[v] = program.seed(store.vertex(v));
  ScopeEffects effects;
  bool any = true;
  for (std::uint64_t sweep = 0; any && sweep < max_sweeps; ++sweep) {
    any = false;
    for (const LocalId v : order) {
      if (!scheduled[v]) continue;
      scheduled[v] = false;
      any = true;
      effects.clear();
      Scope<P, C> scope(store, v, effects, seed);
      program.update(scope);
      ++store.runs(v);
      for (const ScopeEffects::Signal& signal : effects.signals) scheduled[signal.vertex] = true;
    }
  }
  return store.take_data();
}

}  // namespace gasket
