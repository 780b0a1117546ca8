#include "engine/triangles.hpp"
#include "apps/command.hpp"
#include "apps/run.hpp"

namespace gasket {

ExitCode run_triangles(Session& session, int argc, char** argv) {
  CommandLine line("triangles",
                   "triangles of the graph and at every vertex, without regard to direction, parallel edges and self "
                   "loops",
                   {"gasket triangles --graph web.txt.gz --top 10",
                    "mpirun -n 4 --bind-to none gasket triangles --graph web.gsk --output triangles.txt"});
  line.add_graph_options();
  line.add_run_options("K vertices with most triangles, of those that have any", Directions::fixed);
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  const RunOptions options = line.run_options(session);
  Progress progress(options.progress, session.rank());
  const LoadedGraph loaded = load(session, graph_options, triangles_need(), false, progress);
  progress.stage("counting triangles");
  const TriangleResult result = count_triangles(loaded.graph);
  const double closed =
      result.wedges == 0 ? 0 : 3 * static_cast<double>(result.triangles) / static_cast<double>(result.wedges);
  RunSummary summary{
      "triangles", {{"triangles", result.triangles}, {"global_clustering_coefficient", closed}}, result.record, 0};
  summary.in_supersteps = false;
  summary.write_seconds = write_output(
      loaded, result.counts, options, progress,
      [](fmt::memory_buffer& text, std::uint64_t count) { fmt::format_to(fmt::appender(text), "{}", count); });
  const auto rows = top_values(loaded.graph, result.counts, options.top, std::greater<>(),
                               [](std::uint64_t count) { return count > 0; });
  progress.finish();
  print_graph(session, graph_options, loaded);
  if (session.rank() == 0)
    print_summary("triangles  {}, global clustering coefficient {:.6g}\n", result.triangles, closed);
  finish_run(session, graph_options, options, loaded, summary);
  print_top(loaded, "triangles", rows, [](std::uint64_t count) { return fmt::format("{}", count); });
  return ExitCode::ok;
}

}  // namespace gasket
