#include "partition/graph/weight_facts.hpp"

#include <algorithm>
#include <cmath>

#include "partition/parallel.hpp"

namespace gasket {

WeightFacts measure_weights(const DistributedGraph& graph) {
  const auto both = [](const WeightFacts& a, const WeightFacts& b) {
    return WeightFacts{std::min(a.lowest, b.lowest), std::max(a.highest, b.highest), a.whole && b.whole};
  };
  const Adjacency& rows = graph.has_by_target() ? graph.by_target() : graph.by_source();
  const WeightFacts mine = parallel::reduce_ranges<WeightFacts>(
      rows.weights.size(), std::size_t{1} << 18, {},
      [&](std::size_t begin, std::size_t end) {
        WeightFacts facts;
        for (std::size_t i = begin; i < end; ++i) {
          const double w = rows.weights[i];
          facts.lowest = std::min(facts.lowest, w);
          facts.highest = std::max(facts.highest, w);
          facts.whole &= w == std::floor(w);
        }
        return facts;
      },
      both);
  return graph.communicator().all_reduce(mine, both);
}

}  // namespace gasket
