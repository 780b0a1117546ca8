#pragma once
// Runs programs on the engine that was asked for.

#include "apps/engine_options.hpp"
#include "apps/run.hpp"
#include "engine/async/async_engine.hpp"
#include "engine/scope/regather.hpp"
#include "engine/scope/run_update.hpp"

namespace gasket {

/// What engines without supersteps are told, with progress.
inline void set_async_options(const EngineOptions& engine, Progress& progress, AsyncOptions& options) {
  progress.stage("running");
  options.scheduler = engine.scheduler;
  options.watchdog_seconds = engine.watchdog_seconds;
  options.on_progress = [&progress](const AsyncProgress& state) {
    progress.update(
        fmt::format("{}, {} scheduled", counted(state.updates, "update"), counted_vertices(state.scheduled)));
  };
}

/// Runs an update program with progress, for about so many updates at most. Not for --engine sync.
template <class P>
ScopeResult<P> run_update_program(const ScopeGraph& graph, const P& program, const EngineOptions& engine,
                                  std::uint64_t seed, Progress& progress,
                                  std::uint64_t max_updates = ScopeOptions().max_updates) {
  ScopeOptions options;
  options.max_updates = max_updates;
  set_async_options(engine, progress, options);
  options.consistency = engine.consistency;
  options.pipeline = engine.pipeline;
  options.seed = seed;
  return run_update(graph, program,
                    engine.kind == EngineKind::chromatic ? ScopeEngine::chromatic : ScopeEngine::locking, options);
}

/// What a run of any engine leaves of a vertex program.
template <class P>
struct EngineRun {
  BigArray<typename P::Data> values;
  RunRecord record;
  std::optional<AsyncRecord> async;
};

inline RunRecord summary_of(const AsyncRecord& async) {
  RunRecord record;
  record.seconds = async.seconds;
  record.updates = async.updates;
  record.converged = async.converged;
  return record;
}

/// Runs a vertex program on any engine. The asynchronous one lets vertices make offers, where the program can, and needs
/// async_need<P>(); the others take sums anew.
template <class P>
EngineRun<P> run_on_engine(const LoadedGraph& loaded, const P& program, const EngineOptions& engine,
                           const RunOptions& options, Progress& progress) {
  if (engine.synchronous()) {
    RunResult<P> result = run_program(loaded, program, options, progress);
    return {std::move(result.values), std::move(result.record), std::nullopt};
  }
  if constexpr (makes_offers<P>)
    if (engine.kind == EngineKind::async) {
      AsyncOptions how;
      set_async_options(engine, progress, how);
      AsyncResult<P> result = run_async(loaded.graph, program, how);
      return {std::move(result.values), summary_of(result.record), std::move(result.record)};
    }
  progress.stage("bringing neighbourhoods together");
  const ScopeGraph graph(loaded.graph);
  auto result = run_update_program(graph, Regather<P>{program}, engine, 1, progress);
  count_gathers<P>(graph, result.runs, result.record);
  return {values_of<P>(result.values), summary_of(result.record), std::move(result.record)};
}

/// --direction is about supersteps.
inline void refuse_direction(const EngineOptions& engine, const RunOptions& options) {
  if (!engine.synchronous() && options.direction != Direction::automatic)
    throw UsageError("--direction is for --engine sync: async always pushes, the others always pull");
}

}  // namespace gasket
