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

/// Calls write() when there is an --output; returns the seconds it took.
template <class Write>
double time_output(const RunOptions& options, Progress& progress, const Write& write) {
  if (options.output.empty()) return 0;
  progress.stage(fmt::format("writing {}", options.output));
  const auto start = std::chrono::steady_clock::now();
  write();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Writes the values where --output says; returns the seconds it took. append(buffer, value) makes the text of a value.
template <class T, class Append>
double write_output(const LoadedGraph& loaded, const BigArray<T>& values, const RunOptions& options, Progress& progress,
                    const Append& append) {
  return time_output(options, progress, [&] { write_values(loaded.graph, values, options.output, append); });
}

/// Prints a table of vertices and values (rank 0). Collective.
template <class T, class Text>
void print_top(const LoadedGraph& loaded, std::string_view title, const std::vector<Ranked<T>>& rows,
               const Text& text) {
  if (rows.empty()) return;
  std::vector<std::string> ids;
  for (const Ranked<T>& row : rows) ids.push_back(fmt::format("{}", row.id));
  Communicator& comm = loaded.graph.communicator();
  if (loaded.graph.ids().are_names()) {
    std::vector<GlobalId> vertices;
    for (const Ranked<T>& row : rows) vertices.push_back(row.id);
    const IdTexts names = loaded.graph.ids().texts(comm, vertices);
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = names[i];
  }
  if (comm.rank() != 0) return;
  print_summary("\n{:>20}  {}\n", "vertex", title);
  for (std::size_t i = 0; i < rows.size(); ++i) print_summary("{:>20}  {}\n", ids[i], text(rows[i].value));
}

}  // namespace gasket
