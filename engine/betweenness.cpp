#include "engine/betweenness.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/run_meter.hpp"
#include "engine/source_dependencies.hpp"
#include "partition/team.hpp"

namespace gasket {
namespace {

// The masters among the sources; kNowhere for those of other ranks.
std::vector<LocalId> find_here(const DistributedGraph& graph, std::span<const GlobalId> sources) {
  std::vector<std::size_t> by_id(sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) by_id[i] = i;
  const auto id_of = [&](std::size_t i) { return sources[i]; };
  std::ranges::sort(by_id, {}, id_of);
  std::vector<LocalId> here(sources.size(), PathCounter<double>::kNowhere);
  for (LocalId v = 0; v < graph.masters(); ++v)
    for (const std::size_t i : std::ranges::equal_range(by_id, graph.global_id(v), {}, id_of)) here[i] = v;
  return here;
}

}  // namespace

BetweennessResult sum_dependencies(const DistributedGraph& graph, std::span<const GlobalId> sources,
                                   const BetweennessOptions& options) {
  if (!graph.has_by_target() || !graph.has_by_source())
    throw_agreed(UsageError("betweenness needs the rows of both directions"));
  Communicator& comm = graph.communicator();
  const RunMeter run_meter(comm);
  const parallel::Team team;
  // Where one source has too many paths for doubles, the others will too.
  std::optional<SourceDependencies<double>> narrow(std::in_place, graph, options.direction);
  std::optional<SourceDependencies<long double>> wide;
  BetweennessResult result;
  result.scores = BigArray<double>(graph.masters());
  for (const LocalId here : find_here(graph, sources)) {
    const StepMeter meter(comm);
    std::optional<std::uint64_t> reached;
    if (narrow) reached = narrow->add(here, result.scores);
    if (!reached) {
      narrow.reset();
      if (!wide) wide.emplace(graph, options.direction);
      reached = wide->add(here, result.scores);
    }
    if (!reached) throw_agreed(ResourceError("betweenness: two vertices have more than 1e4900 shortest paths"));
    const SuperstepRecord step = meter.finish(*reached);
    result.record.supersteps.push_back(step);
    result.record.updates += *reached;
    if (options.on_superstep) options.on_superstep(step);
  }
  result.record.converged = true;
  run_meter.finish(result.record);
  return result;
}

}  // namespace gasket
