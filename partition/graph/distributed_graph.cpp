#include "partition/graph/distributed_graph.hpp"

#include <algorithm>

namespace gasket {

std::optional<LocalId> DistributedGraph::find_master(GlobalId vertex) const {
  const auto masters = global_ids().first(parts_.masters);
  const auto found = std::ranges::lower_bound(masters, vertex);
  if (found == masters.end() || *found != vertex) return std::nullopt;
  return static_cast<LocalId>(found - masters.begin());
}

}  // namespace gasket
