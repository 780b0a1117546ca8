#pragma once
// What a program may need to know of the weights of all arcs.

#include "partition/graph/distributed_graph.hpp"

namespace gasket {

struct WeightFacts {
  double lowest = 0;   // 0 when all are above
  double highest = 0;  // 0 when all are below
  bool whole = true;   // every weight is a whole number
};

/// Collective. O(arcs). All zero for a graph without weights.
WeightFacts measure_weights(const DistributedGraph& graph);

}  // namespace gasket
