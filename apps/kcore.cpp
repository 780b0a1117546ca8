#include "apps/command.hpp"
#include "apps/run.hpp"
#include "engine/core_numbers.hpp"

namespace gasket {

ExitCode run_kcore(Session& session, int argc, char** argv) {
  CommandLine line("kcore",
                   "core number of every vertex: the largest k such that it is among vertices that all have k edges "
                   "or more among themselves; the direction of edges does not matter, self loops do not count",
                   {"gasket kcore --graph friends.txt.gz --undirected --top 5 --output cores.txt"});
  line.add_graph_options();
  line.add_run_options();
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  const RunOptions options = line.run_options(session);
  if (options.direction != Direction::automatic) throw UsageError("kcore has no --direction: it always pushes");
  Progress progress(options.progress, session.rank());
  const LoadedGraph loaded = load(session, graph_options, core_numbers_need(), false, progress);
  progress.stage("running");
  const CoreNumbersResult result = find_core_numbers(loaded.graph);

  std::uint64_t in_highest = 0;
  for (const std::uint32_t core : result.cores) in_highest += core == result.highest ? 1 : 0;
  in_highest = session.communicator().sum(in_highest);
  RunSummary summary{
      "kcore", {{"highest_core", result.highest}, {"vertices_in_highest_core", in_highest}}, result.record, 0};
  summary.write_seconds = write_output(
      loaded, result.cores, options, progress,
      [](fmt::memory_buffer& text, std::uint32_t core) { fmt::format_to(fmt::appender(text), "{}", core); });
  const auto top =
      top_values(loaded.graph, result.cores, options.top, std::greater<>(), [](std::uint32_t) { return true; });
  progress.finish();
  print_graph(session, graph_options, loaded);
  if (session.rank() == 0)
    print_summary("cores      the highest is {}, of {} {}\n", result.highest, in_highest,
                  plural(in_highest, "vertex", "vertices"));
  finish_run(session, graph_options, options, loaded, summary);
  print_top(session, "core number", top, [](std::uint32_t core) { return fmt::format("{}", core); });
  return ExitCode::ok;
}

}  // namespace gasket
