// expect: a vertex program needs 'Data apply(const Vertex&, const Data&, const Accum&) const'
// Where a user meets the sentence: one failed assertion, without a page of templates behind it.
#include "engine/sync_engine.hpp"

struct Program {
  using Data = double;
  using Accum = double;
  Data init(const gasket::Vertex&) const { return 0; }
  Accum gather(const gasket::Edge<double>& e) const { return e.from.ghost; }
};

void run(const gasket::DistributedGraph& graph) { gasket::run_sync(graph, Program{}); }
