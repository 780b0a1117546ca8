#include "apps/command.hpp"
#include "apps/run.hpp"
#include "engine/triangles.hpp"

namespace gasket {

ExitCode run_lcc(Session& session, int argc, char** argv) {
  CommandLine line(
      "lcc",
      "local clustering coefficient (LDBC): of the arcs there could be between the neighbours of a vertex, "
      "in either direction, the part that there is",
      {"gasket lcc --graph web.txt.gz --output lcc.txt",
       "mpirun -n 4 --bind-to none gasket lcc --graph web.gsk --top 10 --report run.json"});
  line.add_graph_options();
  line.add_run_options("K vertices of highest coefficient, of those above 0", Directions::fixed);
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  const RunOptions options = line.run_options(session);
  Progress progress(options.progress, session.rank());
  const LoadedGraph loaded = load(session, graph_options, triangles_need(), false, progress);
  progress.stage("counting triangles");
  const ClusteringResult result = local_clustering(loaded.graph);
  RunSummary summary{"lcc", {{"average", result.average}}, result.record, 0};
  summary.in_supersteps = false;
  summary.write_seconds =
      write_output(loaded, result.coefficients, options, progress,
                   [](fmt::memory_buffer& text, double value) { fmt::format_to(fmt::appender(text), "{}", value); });
  const auto rows = top_values(loaded.graph, result.coefficients, options.top, std::greater<>(),
                               [](double value) { return value > 0; });
  progress.finish();
  print_graph(session, graph_options, loaded);
  if (session.rank() == 0) print_summary("clustering {:.6g} on average\n", result.average);
  finish_run(session, graph_options, options, loaded, summary);
  print_top(loaded, "local clustering coefficient", rows, [](double value) { return fmt::format("{:.6g}", value); });
  return ExitCode::ok;
}

}  // namespace gasket
