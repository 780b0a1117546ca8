#include "bench/kernels/sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <span>

#include "partition/random.hpp"

namespace gasket::bench {

std::vector<GlobalId> pick_sources(const DistributedGraph& graph, std::size_t count, std::uint64_t seed) {
  if (graph.arcs() == 0) throw_agreed(InputError("no vertex has an edge to search along"));
  const RandomStream random(seed);
  std::vector<GlobalId> sources;
  std::uint64_t next = 0;
  while (sources.size() < count) {
    // Draws many at once: one pass over the masters finds their degrees.
    std::vector<GlobalId> drawn(64 * count);
    for (GlobalId& vertex : drawn) vertex = random_below(random(next++), graph.vertices());
    std::vector<GlobalId> sorted = drawn;
    std::ranges::sort(sorted);
    std::vector<std::uint32_t> degrees(sorted.size());
    for (LocalId v = 0; v < graph.masters(); ++v)
      for (auto at = std::ranges::lower_bound(sorted, graph.global_id(v));
           at != sorted.end() && *at == graph.global_id(v); ++at)
        degrees[static_cast<std::size_t>(at - sorted.begin())] = graph.out_degree(v);
    graph.communicator().all_reduce_in_place(std::span(degrees), std::plus<>());
    for (const GlobalId vertex : drawn) {
      const auto at = std::ranges::lower_bound(sorted, vertex) - sorted.begin();
      if (sources.size() < count && degrees[static_cast<std::size_t>(at)] > 0) sources.push_back(vertex);
    }
  }
  return sources;
}

std::vector<GlobalId> named_sources(const DistributedGraph& graph, const std::vector<ExternalId>& ids) {
  std::vector<GlobalId> sources;
  for (const ExternalId id : ids) {
    const std::optional<GlobalId> vertex = graph.ids().find(graph.communicator(), id);
    if (!vertex) throw_agreed(InputError(fmt::format("--source {}: the graph has no such vertex", id)));
    sources.push_back(*vertex);
  }
  return sources;
}

}  // namespace gasket::bench
