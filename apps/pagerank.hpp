#pragma once
// PageRank by power iteration, with the rank of dangling vertices (no out-edge) given to all:
//   r = (1-d)/n + d * (sum in + dangling/n), start 1/n, sum 1
// (LDBC Graphalytics specification, section on PR; networkx.pagerank)

#include <cmath>

#include "engine/program.hpp"

namespace gasket {

/// Value: double, or float for half the bytes read and sent, with ranks good to 1e-5 of themselves if pulled.
template <class Value>
struct BasicPageRank {
  using Data = Value;   // the rank
  using Ghost = Value;  // the rank that goes over each out-edge
  using Accum = Value;
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
  double tolerance = 1e-9;  // stop when the change is below it; 0 runs to the limit of supersteps

  Data init(const Vertex& v) const { return static_cast<Value>(1.0 / static_cast<double>(v.count)); }
  Ghost ghost(const Vertex& v, const Data& rank) const {
    return v.out_degree > 0 ? rank / static_cast<Value>(v.out_degree) : Value{0};
  }
  Accum gather(const Edge<Ghost>& e) const { return e.from.ghost; }
  Data apply(const Vertex& v, const Data&, const Accum& in, const Global& sum) const {
    const auto d = static_cast<Value>(damping);  // of one value on both sides of the sum, or it would not stay 1
    const double everywhere = ((1 - double{d}) + double{d} * sum.dangling) / static_cast<double>(v.count);
    return static_cast<Value>(everywhere) + d * in;
  }
  Global aggregate(const Vertex& v, const Data& before, const Data& after) const {
    return {v.out_degree > 0 ? 0.0 : double{after}, double{std::abs(after - before)}};
  }
  bool converged(const Global& sum) const { return sum.change < tolerance; }
};

using PageRank = BasicPageRank<double>;

}  // namespace gasket
