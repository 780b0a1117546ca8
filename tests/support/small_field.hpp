#pragma once
// A random field of three labels over any graph with weights, for belief propagation and Gibbs sampling; and what is true of
// it, by going through all labellings, from the plain list of edges.

#include <array>
#include <cmath>
#include <vector>

#include "apps/gibbs_sampler.hpp"
#include "engine/views.hpp"
#include "tests/support/oracle.hpp"

namespace gasket {

struct SmallField {
  static constexpr std::size_t kLabels = 3;
  using Labels = std::array<double, 4>;  // more room than labels
  using Costs = std::array<std::int64_t, 4>;
  double coupling = 0.1;  // times the weight of an edge
  bool directed = true;   // whether an edge's two ends differ
  std::uint64_t seed = 1;

  std::size_t labels() const { return kLabels; }
  std::int64_t own_cost(GlobalId v, std::size_t x) const { return cost_units(2 * unit(mix(seed + v) + x)); }
  std::int64_t pair_cost(double weight, std::size_t x, std::size_t y) const {
    constexpr double kTable[3][3] = {{0, 1, 2}, {1.5, -0.5, 1}, {0.5, 1, 0.25}};
    return cost_units(coupling * weight * (directed ? kTable[x][y] : kTable[x][y] + kTable[y][x]));
  }

  void own(const Vertex& v, Labels& potentials) const {
    for (std::size_t x = 0; x < kLabels; ++x) potentials[x] = potential(own_cost(v.index, x));
  }
  void pass(bool forward, double weight, const Labels& in, Labels& out) const {
    for (std::size_t x = 0; x < kLabels; ++x)
      for (std::size_t y = 0; y < kLabels; ++y)
        out[y] += in[x] * potential(forward ? pair_cost(weight, x, y) : pair_cost(weight, y, x));
  }
  void add_own(const Vertex& v, Costs& costs) const {
    for (std::size_t x = 0; x < kLabels; ++x) costs[x] += own_cost(v.index, x);
  }
  void add_pair(bool forward, double weight, std::size_t other, Costs& costs) const {
    for (std::size_t x = 0; x < kLabels; ++x)
      costs[x] += forward ? pair_cost(weight, x, other) : pair_cost(weight, other, x);
  }
  std::size_t first(const Vertex& v) const { return v.index % kLabels; }

  static double potential(std::int64_t cost) { return std::exp(-kCostUnit * static_cast<double>(cost)); }
  static double unit(std::uint64_t bits) { return static_cast<double>(mix(bits) >> 11) * 0x1p-53; }
};

/// An edge of the field; the vertices by their index.
struct FieldEdge {
  GlobalId source, target;
  double weight;
};

/// Of a plain graph of vertices 0 .. n-1, without its self loops.
inline std::vector<FieldEdge> field_edges(const PlainGraph& plain) {
  std::vector<FieldEdge> edges;
  for (const PlainEdge& e : plain.edges)
    if (e.source != e.target) edges.push_back({e.source, e.target, e.weight});
  return edges;
}

/// Of all labellings of n vertices: how likely each label is at each vertex. O(3^n edges).
inline std::vector<std::array<double, 3>> exact_marginals(const SmallField& field, std::size_t n,
                                                          const std::vector<FieldEdge>& edges) {
  std::vector<std::array<double, 3>> marginals(n, std::array<double, 3>{});
  std::vector<std::size_t> label(n, 0);
  double all = 0;
  for (bool more = true; more;) {
    std::int64_t cost = 0;
    for (std::size_t v = 0; v < n; ++v) cost += field.own_cost(v, label[v]);
    for (const FieldEdge& e : edges) cost += field.pair_cost(e.weight, label[e.source], label[e.target]);
    const double p = SmallField::potential(cost);
    all += p;
    for (std::size_t v = 0; v < n; ++v) marginals[v][label[v]] += p;
    std::size_t v = 0;
    while (v < n && ++label[v] == SmallField::kLabels) label[v++] = 0;
    more = v < n;
  }
  for (auto& marginal : marginals)
    for (double& p : marginal) p /= all;
  return marginals;
}

/// Beliefs by rounds in which all messages are made anew from those of the last round, until they stay. Messages are
/// logarithms.
inline std::vector<std::array<double, 3>> slow_beliefs(const SmallField& field, std::size_t n,
                                                       const std::vector<FieldEdge>& edges) {
  using Message = std::array<double, 3>;
  const auto scaled = [](Message m) {
    double sum = 0;
    for (const double value : m) sum += std::exp(value);
    for (double& value : m) value -= std::log(sum);
    return m;
  };
  // Message 2e goes along edge e, 2e + 1 against it.
  std::vector<Message> told(2 * edges.size(), scaled({}));
  const auto heard = [&](GlobalId v, std::size_t but) {
    Message sum{};
    for (std::size_t x = 0; x < 3; ++x) sum[x] = -kCostUnit * static_cast<double>(field.own_cost(v, x));
    for (std::size_t e = 0; e < edges.size(); ++e)
      for (const std::size_t m : {2 * e, 2 * e + 1})
        if (m != but && (m % 2 == 0 ? edges[e].target : edges[e].source) == v)
          for (std::size_t x = 0; x < 3; ++x) sum[x] += told[m][x];
    return sum;
  };
  for (double change = 1; change > 1e-13;) {
    change = 0;
    std::vector<Message> next(told.size());
    for (std::size_t m = 0; m < told.size(); ++m) {
      const FieldEdge& e = edges[m / 2];
      const Message from = heard(m % 2 == 0 ? e.source : e.target, m ^ 1);
      Message to{};
      for (std::size_t y = 0; y < 3; ++y) {
        double sum = 0;
        for (std::size_t x = 0; x < 3; ++x)
          sum += std::exp(from[x] - kCostUnit * static_cast<double>(m % 2 == 0 ? field.pair_cost(e.weight, x, y)
                                                                               : field.pair_cost(e.weight, y, x)));
        to[y] = std::log(sum);
      }
      next[m] = scaled(to);
      for (std::size_t y = 0; y < 3; ++y) change = std::max(change, std::abs(next[m][y] - told[m][y]));
    }
    told = next;
  }
  std::vector<Message> beliefs(n);
  for (GlobalId v = 0; v < n; ++v) {
    beliefs[v] = scaled(heard(v, told.size()));
    for (double& value : beliefs[v]) value = std::exp(value);
  }
  return beliefs;
}

inline PlainGraph random_tree(std::uint32_t vertices, std::uint64_t seed) {
  PlainGraph tree{"tree", {}};
  for (std::uint32_t v = 1; v < vertices; ++v) {
    const ExternalId u = spread(mix(seed + v), v);
    const bool up = mix(seed * 31 + v) % 2 == 0;  // edges both ways round
    tree.edges.push_back({up ? u : v, up ? v : u, static_cast<double>(mix(seed ^ v) % 16) / 2});
  }
  return tree;
}

inline PlainGraph small_grid(std::uint32_t rows, std::uint32_t cols) {
  PlainGraph grid{"grid", {}};
  for (ExternalId v = 0; v < ExternalId{rows} * cols; ++v) {
    if (v % cols + 1 < cols) grid.edges.push_back({v, v + 1, static_cast<double>(v % 7) / 2});
    if (v / cols + 1 < rows) grid.edges.push_back({v + cols, v, static_cast<double>(v % 5) / 2});
  }
  return grid;
}

}  // namespace gasket
