#pragma once
// Which engine runs a program, and how: --engine, --consistency, --scheduler, --pipeline, --watchdog.

#include <nlohmann/json.hpp>
#include <string>

#include "apps/options.hpp"
#include "engine/scope/scope_run.hpp"

namespace gasket {

enum class EngineKind { sync, async, locking, chromatic };

struct EngineOptions {
  EngineKind kind = EngineKind::sync;
  Consistency consistency = Consistency::vertex;
  SchedulerKind scheduler = SchedulerKind::fifo;
  std::size_t pipeline = 1000;
  double watchdog_seconds = 0;

  bool synchronous() const { return kind == EngineKind::sync; }
  /// Ranks wait for each other: after a superstep, after a colour.
  bool in_step() const { return kind == EngineKind::sync || kind == EngineKind::chromatic; }
  /// For Session::set_patience once the graph is loaded: engines that are not in step watch over themselves.
  double patience() const { return in_step() ? watchdog_seconds : 0; }
};

/// Adds the flags; `usual` is the engine when none is named.
void add_engine_options(CommandLine& line, EngineKind usual);
/// Reads them. Throws UsageError for values that there are not, and for those that make no sense with the engine.
EngineOptions read_engine_options(const CommandLine& line);

/// The engine as users know it: "locking engine, edge consistency, fifo".
std::string describe(const EngineOptions& engine);
nlohmann::json to_json(const EngineOptions& engine);

}  // namespace gasket
