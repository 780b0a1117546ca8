#pragma once
// One call for all engines that run update functions.

#include "engine/scope/chromatic_engine.hpp"
#include "engine/scope/locking_engine.hpp"

namespace gasket {

enum class ScopeEngine {
  locking,   // locks on scopes, no barrier; without locks on neighbours under vertex consistency
  chromatic  // colour by colour
};

/// Runs an update program under options.consistency until no vertex is scheduled. Collective. Throws what the engine throws.
template <class P>
ScopeResult<P> run_update(const ScopeGraph& graph, const P& program, ScopeEngine engine, const ScopeOptions& options) {
  return engine == ScopeEngine::locking ? run_locking(graph, program, options) : run_chromatic(graph, program, options);
}

}  // namespace gasket
