#include "apps/command.hpp"
#include "apps/components_report.hpp"
#include "engine/strong_components.hpp"

namespace gasket {

ExitCode run_scc(Session& session, int argc, char** argv) {
  CommandLine line("scc",
                   "strongly connected components: for every vertex the smallest id among those that it reaches and is "
                   "reached from",
                   {"gasket scc --graph web.txt.gz --top 5 --output components.txt"});
  line.add_graph_options();
  line.add_run_options("K largest components, each by its smallest id", Directions::fixed);
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  const RunOptions options = line.run_options(session);
  Progress progress(options.progress, session.rank());
  const LoadedGraph loaded = load(session, graph_options, strong_components_need(), false, progress);
  progress.stage("running");
  const StrongComponentsResult result = find_strong_components(loaded.graph);
  report_components(session, graph_options, options, loaded, " strong", result.labels,
                    {"scc", nlohmann::json::object(), result.record, 0}, progress);
  return ExitCode::ok;
}

}  // namespace gasket
