#pragma once
// Gibbs sampling on a pairwise Markov random field with few labels: a vertex draws its label anew from its distribution
// given the labels of its neighbours, again and again; how often it had each label tends to its marginals (Geman, Geman,
// IEEE PAMI 6, 1984). That holds when the run equals some order of single draws, hence edge consistency; colour by colour it
// is the chromatic sampler of Gonzalez, Low, Gretton and Guestrin (AISTATS 2011).
//
// No vertex is ever more than one draw ahead of a neighbour, whatever the scheduler does: a vertex that drew all its labels
// while its neighbours wait for their turn would see but one of theirs. Who is ahead waits, and is signalled by the
// neighbour that comes after.
//
// The field is given by costs: P(labels) ~ exp(-sum of own costs - sum of the edges' costs). Costs are whole multiples of
// kCostUnit, so their sums do not depend on the order of the edges, and a run of the chromatic engine has the same
// labels for any ranks, threads and placement.
//
// A model has
//
//   using Costs = std::array<std::int64_t, N>;                                 a cost per label, N at most 256
//   std::size_t labels() const;                                                at most N
//   void add_own(const Vertex&, Costs& costs) const;                           only at the vertex' master
//   void add_pair(bool forward, double weight, std::size_t other, Costs& costs) const;
//       costs[x] += cost of the labels x and `other` at the two ends of an edge that leads from x (forward) or to it
//   std::size_t first(const Vertex&) const;                                    the label to begin with

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/scope/scope.hpp"

namespace gasket {

inline constexpr double kCostUnit = 1.0 / 65536;

/// A cost as a number of units.
inline std::int64_t cost_units(double cost) { return std::llround(cost / kCostUnit); }

template <class Model>
struct GibbsSampler {
  using Costs = typename Model::Costs;
  using Counts = std::array<std::uint32_t, std::tuple_size_v<Costs>>;
  struct Data {
    std::uint32_t label = 0;
    std::uint32_t draws = 0;  // so far
    bool operator==(const Data&) const = default;
  };
  static constexpr Consistency needs = Consistency::edge;
  static constexpr Consistency uses = Consistency::edge;

  /// Known of all vertices at once, now and then while the run goes on.
  struct Global {
    std::int64_t own_cost = 0;  // of all labels, in units, without the edges'
    std::int64_t labels = 0;    // their sum
    Global& operator+=(const Global& other) {
      own_cost += other.own_cost;
      labels += other.labels;
      return *this;
    }
  };

  const Model* model = nullptr;
  Counts* counts = nullptr;    // of the masters, by local id: how often a vertex had each label since burn_in
  std::uint32_t draws = 100;   // of every vertex
  std::uint32_t burn_in = 20;  // the first of them, which do not count

  Data init(const Vertex& vertex) const { return {static_cast<std::uint32_t>(model->first(vertex)), 0}; }
  Global aggregate(const Vertex& vertex, const Data& data) const {
    Costs costs{};
    model->add_own(vertex, costs);
    return {costs[data.label], data.label};
  }

  template <class S>
  void update(S& scope) const {
    const Vertex vertex = scope.vertex();
    const std::uint32_t before = scope.data().draws;
    Costs costs{};
    model->add_own(vertex, costs);
    std::uint32_t slowest = draws;  // of the neighbours
    for (const auto n : scope.neighbours()) {
      if (n.index() == vertex.index) continue;
      const Data other = n.data();
      slowest = std::min(slowest, other.draws);
      model->add_pair(n.out(), n.weight(), other.label, costs);
    }
    if (before == draws || before > slowest) return;
    const auto label = static_cast<std::uint32_t>(draw(costs, scope.random_unit()));
    scope.set({label, before + 1});
    if (before >= burn_in) ++counts[vertex.local][label];
    if (before < slowest) scope.signal();
    for (const auto n : scope.neighbours())
      if (n.data().draws == before + 1) n.signal();  // may have waited for this draw
  }

 private:
  // The label whose share of [0, 1) the random number is in.
  std::size_t draw(const Costs& costs, double random) const {
    const std::size_t labels = model->labels();
    const std::int64_t least = *std::min_element(costs.begin(), costs.begin() + static_cast<std::ptrdiff_t>(labels));
    std::array<double, std::tuple_size_v<Costs>> upto;
    double sum = 0;
    for (std::size_t x = 0; x < labels; ++x)
      upto[x] = sum += std::exp(-kCostUnit * static_cast<double>(costs[x] - least));
    const double at = random * sum;
    std::size_t label = 0;
    while (label + 1 < labels && upto[label] <= at) ++label;
    return label;
  }
};

}  // namespace gasket
