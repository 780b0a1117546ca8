#pragma once
// PageRank by power iteration. Every variant is the same sum over in-edges; they differ in where the walk starts anew,
// what becomes of the rank of dangling vertices (no out-edge), and when to stop.
//   ldbc, networkx, standard:  r = (1-d)/n + d * (sum in + dangling/n), start 1/n, sum 1
//     (LDBC Graphalytics specification, section on PR; networkx.pagerank)
//   powergraph:                r = (1-d) + d * sum in, start 1, dangling rank is lost, sum about n
//     (PowerGraph, toolkits/graph_analytics)

#include <algorithm>
#include <cmath>

#include "engine/program.hpp"

namespace gasket {

/// Value: double, or float for half the bytes read and sent, with ranks good to about 1e-6 of themselves.
template <class Value>
struct BasicPageRank {
  using Data = Value;   // the rank
  using Ghost = Value;  // the rank that goes over each out-edge
  using Accum = Value;
  struct Global {
    double dangling = 0;  // rank of vertices without out-edge
    double change = 0;    // sum of |after - before|
    double largest = 0;   // largest |after - before|
    Global& operator+=(const Global& other) {
      dangling += other.dangling;
      change += other.change;
      largest = std::max(largest, other.largest);
      return *this;
    }
  };
  static constexpr bool always_awake = true;

  double damping = 0.85;
  double tolerance = 1e-9;  // stop when the change is below it; 0 runs to the limit of supersteps
  bool normalised = true;   // false: powergraph's rule, and the largest change counts instead of the sum

  Data init(const Vertex& v) const { return static_cast<Value>(normalised ? 1.0 / static_cast<double>(v.count) : 1.0); }
  Ghost ghost(const Vertex& v, const Data& rank) const {
    return v.out_degree > 0 ? rank / static_cast<Value>(v.out_degree) : Value{0};
  }
  Accum gather(const Edge<Ghost>& e) const { return e.from.ghost; }
  Data apply(const Vertex& v, const Data&, const Accum& in, const Global& sum) const {
    if (!normalised) return static_cast<Value>((1 - damping) + damping * in);
    const auto n = static_cast<double>(v.count);
    return static_cast<Value>((1 - damping) / n + damping * (in + sum.dangling / n));
  }
  Global aggregate(const Vertex& v, const Data& before, const Data& after) const {
    const double change = std::abs(double{after} - double{before});
    return {v.out_degree > 0 ? 0.0 : double{after}, change, change};
  }
  bool converged(const Global& sum) const { return (normalised ? sum.change : sum.largest) < tolerance; }
};

using PageRank = BasicPageRank<double>;

}  // namespace gasket
