#include "apps/wcc.hpp"

#include "apps/command.hpp"
#include "apps/components_report.hpp"
#include "apps/engine_run.hpp"
#include "engine/components.hpp"

namespace gasket {
namespace {

template <class Label>
EngineRun<Wcc<Label>> find(const RunOptions& options, const EngineOptions& engine, const LoadedGraph& loaded,
                           bool program, Progress& progress) {
  if (program) return run_on_engine(loaded, Wcc<Label>(), engine, options, progress);
  progress.stage("running");
  ComponentsResult<Label> result = find_components<Label>(loaded.graph);
  return {std::move(result.labels), std::move(result.record), std::nullopt};
}

template <class Label>
void run_with(Session& session, const GraphOptions& graph_options, const RunOptions& options,
              const EngineOptions& engine, const LoadedGraph& loaded, const std::string& algorithm,
              Progress& progress) {
  const auto result = find<Label>(options, engine, loaded, algorithm == "program", progress);
  BigArray<GlobalId> labels(result.values.size());
  std::ranges::copy(result.values, labels.begin());
  RunSummary summary{"wcc", {{"algorithm", algorithm}}, result.record, 0};
  summary.engine = engine;
  summary.async = result.async;
  report_components(session, graph_options, options, loaded, "", labels, summary, progress);
}

}  // namespace

ExitCode run_wcc(Session& session, int argc, char** argv) {
  CommandLine line(
      "wcc",
      "weakly connected components: for every vertex the smallest id in its component; the direction of edges does not "
      "matter",
      {"gasket wcc --graph web.txt.gz --top 5 --output components.txt"});
  line.add_graph_options();
  line.add("wcc")("algorithm",
                  "afforest: joins sampled neighbours first, then skips the giant component\n"
                  "program: labels spread along edges, as the vertex program Wcc says; takes --direction",
                  cxxopts::value<std::string>()->default_value("afforest"), "NAME");
  add_engine_options(line, EngineKind::sync);
  line.add_run_options("K largest components, each by its smallest id");
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  const EngineOptions engine = read_engine_options(line);
  std::string algorithm = line.choice("algorithm", {"afforest", "program"});
  if (!engine.synchronous() && line.has("algorithm") && algorithm == "afforest")
    throw UsageError("--algorithm afforest needs --engine sync; other engines run --algorithm program");
  if (!engine.synchronous()) algorithm = "program";
  const RunOptions options = line.run_options(session);
  if (algorithm == "afforest" && options.direction != Direction::automatic)
    throw UsageError("wcc has --direction only with --algorithm program");
  refuse_direction(engine, options);
  Progress progress(options.progress, session.rank());
  const AdjacencyNeed need =
      algorithm == "afforest" ? components_need() : adjacency_need<Wcc<std::uint32_t>>(options.direction);
  const LoadedGraph loaded = load(session, graph_options, need, false, progress);
  session.set_patience(engine.patience());
  if (loaded.graph.vertices() < (GlobalId{1} << 32))
    run_with<std::uint32_t>(session, graph_options, options, engine, loaded, algorithm, progress);
  else
    run_with<std::uint64_t>(session, graph_options, options, engine, loaded, algorithm, progress);
  return ExitCode::ok;
}

}  // namespace gasket
