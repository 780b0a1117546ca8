#include "apps/kcore.hpp"

#include "apps/command.hpp"
#include "apps/engine_run.hpp"
#include "engine/core_numbers.hpp"

namespace gasket {
namespace {

struct Cores {
  BigArray<std::uint32_t> values;
  std::uint32_t highest = 0;
  RunRecord record;
  std::optional<AsyncRecord> async;
};

Cores find(const LoadedGraph& loaded, const EngineOptions& engine, Progress& progress) {
  if (engine.synchronous()) {
    progress.stage("running");
    CoreNumbersResult result = find_core_numbers(loaded.graph);
    return {std::move(result.cores), result.highest, std::move(result.record), std::nullopt};
  }
  progress.stage("bringing neighbourhoods together");
  const ScopeGraph graph(loaded.graph);
  auto result = run_update_program(graph, CoreNumbers(), engine, 1, progress);
  std::uint32_t highest = 0;
  for (const std::uint32_t core : result.values) highest = std::max(highest, core);
  return {std::move(result.values), static_cast<std::uint32_t>(graph.communicator().max(highest)),
          summary_of(result.record), result.record};
}

}  // namespace

ExitCode run_kcore(Session& session, int argc, char** argv) {
  CommandLine line("kcore",
                   "core number of every vertex: the largest k such that it is among vertices that all have k edges "
                   "or more among themselves; the direction of edges does not matter, self loops do not count",
                   {"gasket kcore --graph friends.txt.gz --undirected --top 5 --output cores.txt"});
  line.add_graph_options();
  add_engine_options(line, EngineKind::sync);
  line.add_run_options("K vertices of highest core number", Directions::fixed);
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  const EngineOptions engine = read_engine_options(line);
  const RunOptions options = line.run_options(session);
  Progress progress(options.progress, session.rank());
  const LoadedGraph loaded = load(session, graph_options, core_numbers_need(), false, progress);
  session.set_patience(engine.patience());
  const Cores result = find(loaded, engine, progress);

  std::uint64_t in_highest = 0;
  for (const std::uint32_t core : result.values) in_highest += core == result.highest ? 1 : 0;
  in_highest = session.communicator().sum(in_highest);
  RunSummary summary{
      "kcore", {{"highest_core", result.highest}, {"vertices_in_highest_core", in_highest}}, result.record, 0};
  summary.engine = engine;
  summary.async = result.async;
  summary.write_seconds = write_output(
      loaded, result.values, options, progress,
      [](fmt::memory_buffer& text, std::uint32_t core) { fmt::format_to(fmt::appender(text), "{}", core); });
  const auto top =
      top_values(loaded.graph, result.values, options.top, std::greater<>(), [](std::uint32_t) { return true; });
  progress.finish();
  print_graph(session, graph_options, loaded);
  if (session.rank() == 0)
    print_summary("cores      the highest is {}, of {}\n", result.highest, counted_vertices(in_highest));
  finish_run(session, graph_options, options, loaded, summary);
  print_top(loaded, "core number", top, [](std::uint32_t core) { return fmt::format("{}", core); });
  return ExitCode::ok;
}

}  // namespace gasket
