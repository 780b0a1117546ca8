#pragma once
// An update that is put on record.

#include <algorithm>
#include <chrono>

#include "engine/scope/scope.hpp"
#include "engine/scope/trace.hpp"

namespace gasket {

/// Runs the update and adds it to the trace, with the versions of all data in its scope before and after. It counts as a
/// write of its vertex whether it writes it or not.
template <class P, Consistency C>
void run_traced(const P& program, const ScopeStore<P>& store, Scope<P, C>& scope, LocalId v,
                const ScopeEffects& effects, Trace::Worker& trace) {
  const ScopeGraph& graph = store.graph();
  const auto now = [] { return std::chrono::steady_clock::now().time_since_epoch().count(); };
  const std::size_t first = trace.touches.size();
  std::vector<LocalId> touched{v};
  for (const ScopeGraph::Link& link : graph.links(v)) touched.push_back(link.vertex());
  std::ranges::sort(touched);
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  const std::int64_t begin = now();
  for (const LocalId u : touched) trace.touches.push_back({graph.global_id(u), store.version(u), 0});
  program.update(scope);
  if (!effects.own) scope.set(scope.data());
  for (std::size_t i = 0; i < touched.size(); ++i) {
    TraceTouch& touch = trace.touches[first + i];
    // Under vertex consistency others may write neighbours in the meantime: not this update.
    touch.written = C == Consistency::vertex && touched[i] != v ? touch.read : store.version(touched[i]);
  }
  trace.updates.push_back({graph.global_id(v), begin, now(), touched.size()});
}

}  // namespace gasket
