#pragma once
// PageRank by Gauss-Seidel sweeps inside each rank and Jacobi between ranks, with the mass rescaled after every sweep:
//
//   x = (1-d) M/n + d (sum in + D/n)        M, D: sum of all x, and of dangling vertices', after the last sweep
//   r = x / sum x
//
// A sweep that reads some new values and some old ones does not keep the sum of x. Scaling x to the sum 1 after every
// sweep mends that, and as the equation is linear in x and M together it is enough to divide once, at the end.
//
// The first sweeps are plain: they mix the ranks of a graph faster, and leave the differences between neighbours that
// sweeps in place are good at. On two ranks and more the ends of a graph's cut edges are a sweep behind, which costs most
// of the gain on well-connected graphs: see "Sweeps in place" in docs/architecture.md for figures.

#include <cmath>
#include <cstdint>

#include "engine/program.hpp"

namespace gasket {

template <class Value>
struct InPlacePageRank {
  using Data = Value;   // x
  using Ghost = Value;  // what goes over each out-edge
  using Accum = Value;
  struct Global {
    double mass = 0;      // sum of x
    double dangling = 0;  // of vertices without out-edge
    double change = 0;    // sum of |after - before|
    Global& operator+=(const Global& other) {
      mass += other.mass;
      dangling += other.dangling;
      change += other.change;
      return *this;
    }
  };
  static constexpr bool always_awake = true;
  static constexpr std::uint64_t in_place_after = 6;

  double damping = 0.85;
  double tolerance = 1e-9;  // stop when the change is below it; 0 runs to the limit of supersteps

  Data init(const Vertex& v) const { return static_cast<Value>(1.0 / static_cast<double>(v.count)); }
  Ghost ghost(const Vertex& v, const Data& x) const {
    return v.out_degree > 0 ? x / static_cast<Value>(v.out_degree) : Value{0};
  }
  Accum gather(const Edge<Ghost>& e) const { return e.from.ghost; }
  Data apply(const Vertex& v, const Data&, const Accum& in, const Global& sum) const {
    const auto n = static_cast<double>(v.count);
    return static_cast<Value>((1 - damping) * sum.mass / n + damping * (in + sum.dangling / n));
  }
  Global aggregate(const Vertex& v, const Data& before, const Data& after) const {
    return {after, v.out_degree > 0 ? 0.0 : double{after}, std::abs(double{after} - double{before})};
  }
  double moved(const Global& sum) const { return sum.mass > 0 ? sum.change / sum.mass : 0; }
  bool converged(const Global& sum) const { return moved(sum) < tolerance; }
};

}  // namespace gasket
