#pragma once
// What the commands that find components do with them.

#include "apps/label_groups.hpp"
#include "apps/run.hpp"

namespace gasket {

/// Writes, prints and records components: each is named after its smallest vertex, by the input's id. `labels` of the
/// masters are global ids. `kind` goes behind their number in the summary. Collective.
inline void report_components(Session& session, const GraphOptions& graph_options, const RunOptions& options,
                              const LoadedGraph& loaded, std::string_view kind, const BigArray<GlobalId>& labels,
                              RunSummary summary, Progress& progress) {
  const LabelGroups components = count_groups(loaded.graph, labels, std::max<std::size_t>(options.top, 1));
  summary.parameters["components"] = components.number;
  summary.write_seconds = time_output(options, progress, [&] { write_vertices(loaded.graph, labels, options.output); });
  std::vector<GlobalId> tops;
  for (const LabelGroup& component : components.largest) tops.push_back(component.label);
  const BigArray<ExternalId> top_names = loaded.graph.ids().external(session.communicator(), tops);
  progress.finish();
  print_graph(session, graph_options, loaded);
  if (session.rank() == 0)
    print_summary("components {}{}, the largest with {}\n", components.number, kind,
                  counted_vertices(components.largest.empty() ? 0 : components.largest.front().vertices));
  finish_run(session, graph_options, options, loaded, summary);
  std::vector<Ranked<std::uint64_t>> rows;
  for (std::size_t i = 0; i < components.largest.size() && i < options.top; ++i)
    rows.push_back({top_names[i], components.largest[i].vertices});
  print_top(loaded, "vertices in its component", rows, [](std::uint64_t size) { return fmt::format("{}", size); });
}

}  // namespace gasket
