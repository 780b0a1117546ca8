// `gasket bfs` and `gasket sssp`: the same command around two programs.

#include "apps/bfs.hpp"
#include "apps/command.hpp"
#include "apps/run.hpp"
#include "apps/sssp.hpp"
#include "apps/summary.hpp"

namespace gasket {
namespace {

// Says and writes what a search from a source found. `text` makes the text of a reached distance.
template <class P, class Text>
ExitCode search(Session& session, CommandLine& line, int argc, char** argv, bool weights, std::string_view unreachable,
                const Text& text) {
  using Data = typename P::Data;
  line.add_graph_options();
  line.add("search")("source", "id of the vertex to start from", cxxopts::value<std::string>(), "ID");
  line.add_run_options();
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const std::string command(argv[0]);
  const GraphOptions graph_options = line.graph_options();
  if (!line.has("source")) throw UsageError(fmt::format("{0}: --source ID is missing; see gasket {0} --help", command));
  const ExternalId source = line.number("source", 0, ~std::uint64_t{0});
  const RunOptions options = line.run_options(session);

  Progress progress(options.progress, session.rank());
  const LoadedGraph loaded = load(session, graph_options, adjacency_need<P>(options.direction), weights, progress);
  if (weights) check_weights(loaded.graph, graph_options.path);
  P program;
  program.source = find_vertex(loaded.graph, graph_options, source, "source");
  const RunResult<P> result = run_program(loaded, program, options, progress);

  const Data none = program.init({.index = program.source + 1});  // what a vertex has that no path reaches
  const auto reached = [&](const Data& value) { return value < none; };
  std::uint64_t count = 0;
  for (const Data& value : result.values) count += reached(value) ? 1 : 0;
  count = session.communicator().sum(count);
  RunSummary summary{command, {{"source", source}, {"reached", count}}, result.record, 0};
  summary.write_seconds =
      write_output(loaded, result.values, options, progress, [&](fmt::memory_buffer& buffer, const Data& value) {
        buffer.append(reached(value) ? std::string_view(text(value)) : unreachable);
      });
  const auto top = top_values(loaded.graph, result.values, options.top, std::greater<>(), reached);
  progress.finish();
  print_graph(session, graph_options, loaded);
  if (session.rank() == 0)
    print_summary("reached    {} of {} vertices from {}\n", count, loaded.graph.vertices(), source);
  finish_run(session, graph_options, options, loaded, summary);
  print_top(session, "distance (farthest)", top, text);
  return ExitCode::ok;
}

}  // namespace

ExitCode run_bfs(Session& session, int argc, char** argv) {
  CommandLine line("bfs", "number of edges on a shortest path from a source to every vertex",
                   {"gasket bfs --graph road.txt.gz --undirected --source 0 --output hops.txt"});
  return search<Bfs>(session, line, argc, argv, false, kUnreachableHops,
                     [](std::uint32_t hops) { return fmt::format("{}", hops); });
}

ExitCode run_sssp(Session& session, int argc, char** argv) {
  CommandLine line("sssp",
                   "length of a shortest path from a source to every vertex; the file's third column is the weight",
                   {"gasket sssp --graph road.wel --source 0 --output distances.txt"});
  return search<Sssp>(session, line, argc, argv, true, kUnreachableDistance,
                      [](double distance) { return fmt::format("{}", distance); });
}

}  // namespace gasket
