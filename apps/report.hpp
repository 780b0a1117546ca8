#pragma once
// What is left of a run when it is over: a summary on standard output, and a JSON record (--report).

#include <nlohmann/json.hpp>

#include <optional>

#include "apps/engine_options.hpp"
#include "apps/load.hpp"
#include "engine/async/async_record.hpp"
#include "engine/run_record.hpp"

namespace gasket {

/// Everything about a run that the summary and the record tell.
struct RunSummary {
  std::string command;
  nlohmann::json parameters;  // the program's own
  RunRecord record;
  double write_seconds = 0;
  bool asked_for_limit = false;  // a number of iterations was asked for: to stop there is no failure to converge
  EngineOptions engine{};
  std::optional<AsyncRecord> async{};   // of an engine without supersteps
  std::string_view step = "superstep";  // what the record's steps are
  bool in_supersteps = true;            // false of an algorithm that has neither supersteps nor an engine
};

/// Shows each superstep as it ends; give the result to SyncOptions::on_superstep.
std::function<void(const SuperstepRecord&)> show_supersteps(Progress& progress);

/// Prints the summary (rank 0) and writes the record where options.report says. Collective.
void finish_run(Session& session, const GraphOptions& graph_options, const RunOptions& options,
                const LoadedGraph& loaded, const RunSummary& summary);

}  // namespace gasket
