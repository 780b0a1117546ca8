#include "apps/command.hpp"
#include "apps/label_groups.hpp"
#include "apps/run.hpp"
#include "engine/label_propagation.hpp"

namespace gasket {
namespace {

void write_and_print(Session& session, const GraphOptions& graph_options, const RunOptions& options,
                     const LoadedGraph& loaded, const LabelPropagationResult& result, std::uint64_t iterations,
                     Progress& progress) {
  const LabelGroups communities = count_groups(loaded.graph, result.labels, std::max<std::size_t>(options.top, 1));
  RunSummary summary{"cdlp", {{"iterations", iterations}, {"communities", communities.number}}, result.record, 0};
  summary.asked_for_limit = true;
  summary.write_seconds =
      time_output(options, progress, [&] { write_vertices(loaded.graph, result.labels, options.output); });
  std::vector<GlobalId> tops;
  for (const LabelGroup& community : communities.largest) tops.push_back(community.label);
  const BigArray<ExternalId> top_names = loaded.graph.ids().external(session.communicator(), tops);
  progress.finish();
  print_graph(session, graph_options, loaded);
  if (session.rank() == 0)
    print_summary("communities {}, the largest with {}{}\n", communities.number,
                  counted_vertices(communities.largest.empty() ? 0 : communities.largest.front().vertices),
                  result.record.converged ? "; no label changes any more" : "");
  finish_run(session, graph_options, options, loaded, summary);
  std::vector<Ranked<std::uint64_t>> rows;
  for (std::size_t i = 0; i < communities.largest.size() && i < options.top; ++i)
    rows.push_back({top_names[i], communities.largest[i].vertices});
  print_top(loaded, "vertices in its community", rows, [](std::uint64_t size) { return fmt::format("{}", size); });
}

}  // namespace

ExitCode run_cdlp(Session& session, int argc, char** argv) {
  CommandLine line(
      "cdlp",
      "communities by label propagation (LDBC): every vertex begins with its id as label, and then takes the "
      "label that most of its neighbours have, of several the smallest",
      {"gasket cdlp --graph web.txt.gz --top 5 --output communities.txt"});
  line.add_graph_options();
  line.add("cdlp")("iterations", "run N iterations (fewer when no label changes any more)",
                   cxxopts::value<std::string>()->default_value("10"), "N");
  line.add_run_options("K largest communities, each by its label", Directions::fixed);
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  LabelPropagationOptions how;
  how.iterations = line.number("iterations", 0, 1'000'000'000);
  const RunOptions options = line.run_options(session);
  Progress progress(options.progress, session.rank());
  const LoadedGraph loaded = load(session, graph_options, label_propagation_need(), false, progress);
  how.on_superstep = show_supersteps(progress);
  const LabelPropagationResult result = propagate_labels(loaded.graph, how);
  write_and_print(session, graph_options, options, loaded, result, how.iterations, progress);
  return ExitCode::ok;
}

}  // namespace gasket
