#pragma once
// Where searches start.

#include <cstdint>
#include <vector>

#include "partition/graph/distributed_graph.hpp"

namespace gasket::bench {

/// `count` vertices with out-edges, a function of the seed and the graph alone. Collective; throws InputError (agreed)
/// where no vertex has any.
std::vector<GlobalId> pick_sources(const DistributedGraph& graph, std::size_t count, std::uint64_t seed);

/// Collective; throws InputError (agreed) where the graph has no such vertex.
std::vector<GlobalId> named_sources(const DistributedGraph& graph, const std::vector<ExternalId>& ids);

}  // namespace gasket::bench
