#pragma once
// PageRank for walks that begin anew where the user says, and that follow edges in proportion to their weights:
//
//   r = (1-d) p + d (sum in + dangling p)      start 1/n, sum 1
//
// with p the restart vector (1/n where there is none): the rank of dangling vertices goes where walks begin anew. That is
// networkx.pagerank(personalization=, weight=), whose dangling weights are the personalisation by default. With weights
// a vertex is dangling when its out-edges have none: of all weights 0.
//
// A program reads numbers of its own about a vertex from an array, by v.local.

#include <cmath>
#include <span>

#include "engine/sync_engine.hpp"

namespace gasket {

struct RestartingPageRank {
  using Data = double;   // the rank
  using Ghost = double;  // the rank that goes over each out-edge
  using Accum = double;
  struct Global {
    double dangling = 0;  // rank of vertices without out-edge
    double change = 0;    // sum of |after - before|
    Global& operator+=(const Global& other) {
      dangling += other.dangling;
      change += other.change;
      return *this;
    }
  };
  static constexpr bool always_awake = true;

  double damping = 0.85;
  double tolerance = 1e-9;
  bool anywhere = true;               // walks begin anew at every vertex alike
  std::span<const double> restart{};  // else: of the masters, by local id

  Data init(const Vertex& v) const { return 1 / static_cast<double>(v.count); }
  Ghost ghost(const Vertex& v, const Data& rank) const { return v.out_degree > 0 ? rank / v.out_degree : 0; }
  Accum gather(const Edge<Ghost>& e) const { return e.from.ghost; }
  Data apply(const Vertex& v, const Data&, const Accum& in, const Global& sum) const {
    const double share = anywhere ? 1 / static_cast<double>(v.count) : restart[v.local];
    return share * (1 - damping + damping * sum.dangling) + damping * in;
  }
  Global aggregate(const Vertex& v, const Data& before, const Data& after) const {
    return {v.out_degree > 0 ? 0 : after, std::abs(after - before)};
  }
  bool converged(const Global& sum) const { return sum.change < tolerance; }
};

struct WeightedPageRank : RestartingPageRank {
  using Ghost = double;  // the rank that goes over each out-edge, per weight
  using EdgeData = double;
  std::span<const double> out_weights{};  // of the masters, by local id: the sum over their out-edges

  Ghost ghost(const Vertex& v, const Data& rank) const {
    return out_weights[v.local] > 0 ? rank / out_weights[v.local] : 0;
  }
  Accum gather(const Edge<Ghost, double>& e) const { return e.from.ghost * e.data; }
  Global aggregate(const Vertex& v, const Data& before, const Data& after) const {
    return {out_weights[v.local] > 0 ? 0 : after, std::abs(after - before)};
  }
};

/// The sum of the weights of a vertex' out-edges, in one superstep.
struct OutWeights {
  using Data = double;
  using Accum = double;
  using EdgeData = double;
  static constexpr EdgeDirection gather_edges = EdgeDirection::out;
  static constexpr bool always_awake = true;
  Data init(const Vertex&) const { return 0; }
  Accum gather(const Edge<double, double>& e) const { return e.data; }
  Data apply(const Vertex&, const Data&, const Accum& sum) const { return sum; }
};

/// OutWeights of the masters, over whichever rows the graph was loaded with. Collective.
inline BigArray<double> sum_out_weights(const DistributedGraph& graph) {
  SyncOptions once;
  once.max_supersteps = 1;
  once.direction = graph.has_by_source() ? Direction::pull : Direction::push;
  return run_sync(graph, OutWeights(), once).values;
}

}  // namespace gasket
