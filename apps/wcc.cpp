#include "apps/wcc.hpp"

#include <unordered_map>

#include "apps/command.hpp"
#include "apps/run.hpp"
#include "apps/summary.hpp"

namespace gasket {
namespace {

struct Component {
  GlobalId label;
  std::uint64_t vertices;
};

// The size of every component, counted at the rank whose slice of ids its label is in; then the `count` largest, and
// how many there are.
struct Components {
  std::uint64_t number = 0;
  std::vector<Component> largest;
};

template <class Label>
Components count_components(const DistributedGraph& graph, const BigArray<Label>& labels, std::size_t count) {
  Communicator& comm = graph.communicator();
  std::unordered_map<GlobalId, std::uint64_t> sizes;
  for (const Label label : labels) ++sizes[label];
  std::vector<std::vector<Component>> to(static_cast<std::size_t>(comm.size()));
  for (const auto& [label, size] : sizes) {
    int r = 0;
    while (label >= comm.slice(graph.vertices(), r + 1)) ++r;
    to[static_cast<std::size_t>(r)].push_back({label, size});
  }
  std::vector<BigArray<Component>> outgoing;
  for (const auto& list : to) outgoing.emplace_back(std::span<const Component>(list));
  sizes.clear();
  for (const auto& list : exchange(comm, std::move(outgoing)))
    for (const Component& part : list) sizes[part.label] += part.vertices;

  Components result;
  result.number = comm.sum<std::uint64_t>(sizes.size());
  std::vector<Component> mine;
  for (const auto& [label, size] : sizes) mine.push_back({label, size});
  const auto first = [](const Component& a, const Component& b) {
    return a.vertices != b.vertices ? a.vertices > b.vertices : a.label < b.label;
  };
  std::ranges::sort(mine, first);
  mine.resize(std::min(mine.size(), count));
  result.largest = comm.all_gather_spans(std::span<const Component>(mine));
  std::ranges::sort(result.largest, first);
  result.largest.resize(std::min(result.largest.size(), count));
  return result;
}

template <class Label>
void run_with(Session& session, const GraphOptions& graph_options, const RunOptions& options, const LoadedGraph& loaded,
              Progress& progress) {
  const RunResult<Wcc<Label>> result = run_program(loaded, Wcc<Label>(), options, progress);
  const Components components = count_components(loaded.graph, result.values, std::max<std::size_t>(options.top, 1));
  RunSummary summary{"wcc", {{"components", components.number}}, result.record, 0};
  // A component is named after its smallest vertex, by the input's id.
  BigArray<GlobalId> labels(result.values.size());
  std::ranges::copy(result.values, labels.begin());
  const BigArray<ExternalId> names = loaded.graph.ids().external(session.communicator(), labels.span());
  summary.write_seconds = write_output(loaded, names, options, progress, [](fmt::memory_buffer& text, ExternalId name) {
    fmt::format_to(fmt::appender(text), "{}", name);
  });
  std::vector<GlobalId> tops;
  for (const Component& component : components.largest) tops.push_back(component.label);
  const BigArray<ExternalId> top_names = loaded.graph.ids().external(session.communicator(), tops);
  progress.finish();
  print_graph(session, graph_options, loaded);
  if (session.rank() == 0)
    print_summary("components {}, the largest with {} vertices\n", components.number,
                  components.largest.empty() ? 0 : components.largest.front().vertices);
  finish_run(session, graph_options, options, loaded, summary);
  std::vector<Ranked<std::uint64_t>> rows;
  for (std::size_t i = 0; i < components.largest.size() && i < options.top; ++i)
    rows.push_back({top_names[i], components.largest[i].vertices});
  print_top(session, "vertices in its component", rows, [](std::uint64_t size) { return fmt::format("{}", size); });
}

}  // namespace

ExitCode run_wcc(Session& session, int argc, char** argv) {
  CommandLine line("wcc",
                   "weakly connected components: the smallest vertex that each is connected with in any direction",
                   {"gasket wcc --graph web.txt.gz --top 5 --output components.txt"});
  line.add_graph_options();
  line.add_run_options();
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  const RunOptions options = line.run_options(session);
  Progress progress(options.progress, session.rank());
  const LoadedGraph loaded =
      load(session, graph_options, adjacency_need<Wcc<std::uint32_t>>(options.direction), false, progress);
  if (loaded.graph.vertices() <= (GlobalId{1} << 32))
    run_with<std::uint32_t>(session, graph_options, options, loaded, progress);
  else
    run_with<std::uint64_t>(session, graph_options, options, loaded, progress);
  return ExitCode::ok;
}

}  // namespace gasket
