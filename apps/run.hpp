#pragma once
// What every command that runs a vertex program does around it: run with progress, write, list the first, summarise.

#include <fmt/format.h>

#include <chrono>

#include "apps/report.hpp"
#include "apps/summary.hpp"
#include "engine/output.hpp"
#include "engine/sync_engine.hpp"

namespace gasket {

/// LDBC's words for "no path".
inline constexpr std::string_view kUnreachableHops = "9223372036854775807";
inline constexpr std::string_view kUnreachableDistance = "Infinity";

template <class P>
RunResult<P> run_program(const LoadedGraph& loaded, const P& program, const RunOptions& options, Progress& progress,
                         std::uint64_t max_supersteps = SyncOptions().max_supersteps) {
  SyncOptions how;
  how.max_supersteps = max_supersteps;
  how.direction = options.direction;
  how.on_superstep = show_supersteps(progress);
  return run_sync(loaded.graph, program, how);
}

/// Writes the values where --output says; returns the seconds it took. append(buffer, value) makes the text of a value.
template <class T, class Append>
double write_output(const LoadedGraph& loaded, const BigArray<T>& values, const RunOptions& options, Progress& progress,
                    const Append& append) {
  if (options.output.empty()) return 0;
  progress.stage(fmt::format("writing {}", options.output));
  const auto start = std::chrono::steady_clock::now();
  write_values(loaded.graph, values, options.output, append);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Prints a table of vertices and values (rank 0).
template <class T, class Text>
void print_top(const Session& session, std::string_view title, const std::vector<Ranked<T>>& rows, const Text& text) {
  if (session.rank() != 0 || rows.empty()) return;
  print_summary("\n{:>20}  {}\n", "vertex", title);
  for (const Ranked<T>& row : rows) print_summary("{:>20}  {}\n", row.id, text(row.value));
}

}  // namespace gasket
