#include "apps/command.hpp"
#include "apps/run.hpp"
#include "engine/run_meter.hpp"
#include "engine/scope/colouring.hpp"

namespace gasket {

ExitCode run_color(Session& session, int argc, char** argv) {
  CommandLine line("color",
                   "colours 0, 1, ... such that neighbours have different ones; the same for any ranks, threads and "
                   "placement. The direction of edges does not matter, nor do self loops",
                   {"gasket color --graph friends.txt.gz --undirected --output colours.txt",
                    "gasket color --graph grid:rows=300,cols=300 --distance 2"});
  line.add_graph_options();
  line.add("color")("distance", "1: neighbours differ; 2: neighbours of a vertex differ from each other too",
                    cxxopts::value<std::string>()->default_value("1"), "D");
  line.add_run_options("K vertices of highest colour", Directions::fixed);
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  const int distance = static_cast<int>(line.number("distance", 1, 2));
  const RunOptions options = line.run_options(session);
  Progress progress(options.progress, session.rank());
  const LoadedGraph loaded = load(session, graph_options, {true, true}, false, progress);
  progress.stage("colouring");
  const RunMeter meter(session.communicator());
  const ScopeGraph graph(loaded.graph);
  const Colouring colouring = colour_vertices(graph, distance);
  RunRecord record;
  meter.finish(record);
  record.updates = loaded.graph.vertices();
  record.converged = true;

  RunSummary summary{"color", {{"distance", distance}, {"colours", colouring.count}}, record, 0};
  summary.in_supersteps = false;
  summary.write_seconds = write_output(
      loaded, colouring.colours, options, progress,
      [](fmt::memory_buffer& text, std::uint32_t colour) { fmt::format_to(fmt::appender(text), "{}", colour); });
  const auto top =
      top_values(loaded.graph, colouring.colours, options.top, std::greater<>(), [](std::uint32_t) { return true; });
  progress.finish();
  print_graph(session, graph_options, loaded);
  if (session.rank() == 0) print_summary("colours    {} at distance {}\n", colouring.count, distance);
  finish_run(session, graph_options, options, loaded, summary);
  print_top(loaded, "colour", top, [](std::uint32_t colour) { return fmt::format("{}", colour); });
  return ExitCode::ok;
}

}  // namespace gasket
