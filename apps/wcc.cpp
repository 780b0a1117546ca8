#include "apps/wcc.hpp"

#include "apps/command.hpp"
#include "apps/components_report.hpp"
#include "engine/components.hpp"

namespace gasket {
namespace {

template <class Label>
ComponentsResult<Label> find(const RunOptions& options, const LoadedGraph& loaded, bool program, Progress& progress) {
  if (!program) {
    progress.stage("running");
    return find_components<Label>(loaded.graph);
  }
  RunResult<Wcc<Label>> result = run_program(loaded, Wcc<Label>(), options, progress);
  return {std::move(result.values), std::move(result.record)};
}

template <class Label>
void run_with(Session& session, const GraphOptions& graph_options, const RunOptions& options, const LoadedGraph& loaded,
              const std::string& algorithm, Progress& progress) {
  const ComponentsResult<Label> result = find<Label>(options, loaded, algorithm == "program", progress);
  BigArray<GlobalId> labels(result.labels.size());
  std::ranges::copy(result.labels, labels.begin());
  report_components(session, graph_options, options, loaded, "components", labels,
                    {"wcc", {{"algorithm", algorithm}}, result.record, 0}, progress);
}

}  // namespace

ExitCode run_wcc(Session& session, int argc, char** argv) {
  CommandLine line("wcc",
                   "weakly connected components: the smallest vertex that each is connected with in any direction",
                   {"gasket wcc --graph web.txt.gz --top 5 --output components.txt"});
  line.add_graph_options();
  line.add("wcc")("algorithm",
                  "afforest: joins sampled neighbours first, then skips the giant component\n"
                  "program: labels spread along edges, as the vertex program Wcc says",
                  cxxopts::value<std::string>()->default_value("afforest"), "NAME");
  line.add_run_options();
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  const std::string algorithm = line.choice("algorithm", {"afforest", "program"});
  const RunOptions options = line.run_options(session);
  if (algorithm == "afforest" && options.direction != Direction::automatic)
    throw UsageError("wcc has --direction only with --algorithm program");
  Progress progress(options.progress, session.rank());
  const AdjacencyNeed need =
      algorithm == "afforest" ? components_need() : adjacency_need<Wcc<std::uint32_t>>(options.direction);
  const LoadedGraph loaded = load(session, graph_options, need, false, progress);
  if (loaded.graph.vertices() < (GlobalId{1} << 32))
    run_with<std::uint32_t>(session, graph_options, options, loaded, algorithm, progress);
  else
    run_with<std::uint64_t>(session, graph_options, options, loaded, algorithm, progress);
  return ExitCode::ok;
}

}  // namespace gasket
