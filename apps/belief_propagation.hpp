#pragma once
// Loopy belief propagation on a pairwise Markov random field with few labels: every vertex has a label, and
//
//   P(labels)  ~  product over vertices of own(label)  x  product over edges of pair(label, label)
//
// Each edge keeps a message in both directions: what the vertex at one end says about the label of the other, from all it
// hears from its other neighbours (Pearl 1988). On trees the beliefs are the exact marginals, on other graphs an
// approximation that is often good (Murphy, Weiss, Jordan, UAI 1999).
//
// A vertex is run when a message to it has changed, the most changed first under the priority scheduler: residual belief
// propagation (Elidan, McGraw, Koller, UAI 2006; by vertices: Gonzalez, Low, Guestrin, AISTATS 2009). A message that would
// change by no more than the tolerance is left as it is, so small changes add up until they are told, and when nobody
// is scheduled every message is what it should be within the tolerance.
//
// Both ends write messages into the edge between them, so two neighbours must not run at once: edge consistency. A self
// loop is no edge of a pairwise field and counts for nothing.
//
// A model has
//
//   using Labels = std::array<float or double, N>;           a number per label
//   std::size_t labels() const;                              at most N; further entries are 0 everywhere
//   void own(const Vertex&, Labels& potentials) const;       only at the vertex' master
//   void pass(bool forward, double weight, const Labels& in, Labels& out) const;
//       out[y] = sum (for the best labelling instead of marginals: maximum) over x of in[x] * pair(x, y), over an edge of
//       this weight along its direction (forward) or against it

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/scope/scope.hpp"
#include "engine/vertex_values.hpp"
#include "partition/parallel.hpp"

namespace gasket {

/// Makes the entries sum up to 1; all labels alike where they are all 0.
template <class Labels>
void normalise(Labels& values, std::size_t labels) {
  typename Labels::value_type sum{};
  for (const auto value : values) sum += value;
  if (sum > 0) {
    for (auto& value : values) value /= sum;
  } else {
    values = {};
    std::fill_n(values.begin(), labels, 1 / static_cast<typename Labels::value_type>(labels));
  }
}

/// The product, normalised: of many numbers below 1 nothing would be left.
template <class Labels>
Labels product(const Labels& a, const Labels& b, std::size_t labels) {
  Labels both;
  for (std::size_t x = 0; x < both.size(); ++x) both[x] = a[x] * b[x];
  normalise(both, labels);
  return both;
}

/// The largest difference of two entries.
template <class Labels>
double residual_between(const Labels& a, const Labels& b) {
  typename Labels::value_type most{};
  for (std::size_t x = 0; x < a.size(); ++x) most = std::max(most, std::abs(a[x] - b[x]));
  return static_cast<double>(most);
}

/// Buckets for the priority scheduler, four to a halving: the larger the residual (at most 1) the sooner.
inline std::uint64_t residual_priority(double residual) {
  constexpr double kPerHalving = 4, kLast = 400;
  if (residual <= 0) return static_cast<std::uint64_t>(kLast);
  return static_cast<std::uint64_t>(std::clamp(-kPerHalving * std::log2(residual), 0.0, kLast));
}

template <class Model>
struct BeliefPropagation {
  using Labels = typename Model::Labels;
  /// Both messages of an edge, each about the label of the vertex that it goes to; each sums up to 1.
  struct EdgeData {
    Labels to_higher{}, to_lower{};  // to the end with the higher index, to the other
  };
  struct Data {};  // all there is to know is on the edges
  static constexpr Consistency needs = Consistency::edge;
  static constexpr Consistency uses = Consistency::edge;

  const Model* model = nullptr;
  double tolerance = 1e-4;  // of a probability in a message
  double damping = 0;       // the part of a message that stays as it was, for fields where messages go round in circles

  Data init(const Vertex&) const { return {}; }
  EdgeData init_edge(double) const {
    EdgeData edge;
    normalise(edge.to_higher, model->labels());
    edge.to_lower = edge.to_higher;
    return edge;
  }
  /// Those who have most to say begin.
  std::uint64_t first_priority(const Vertex& vertex) const {
    Labels own{}, even{};
    model->own(vertex, own);
    normalise(own, model->labels());
    normalise(even, model->labels());
    return residual_priority(residual_between(own, even));
  }

  template <class S>
  void update(S& scope) const {
    const Vertex vertex = scope.vertex();
    auto& ends = ends_of(scope, vertex.index);
    const std::size_t labels = model->labels();
    // after[i]: what the neighbours behind i say; to divide a product by one message would not do where it has zeros.
    thread_local std::vector<Labels> after;
    after.resize(ends.size() + 1);
    after.back() = {};
    normalise(after.back(), labels);
    for (std::size_t i = ends.size(); i > 0; --i) after[i - 1] = product(after[i], ends[i - 1].incoming, labels);
    Labels before{};
    model->own(vertex, before);
    double unsettled = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      unsettled = std::max(unsettled, say(ends[i], product(before, after[i + 1], labels)));
      before = product(before, ends[i].incoming, labels);
    }
    if (damping > 0 && unsettled > 0) scope.signal(residual_priority(unsettled));
  }

  /// What the field says of a vertex, from its own potentials and all messages to it.
  Labels belief(const ScopeGraph& graph, const Vertex& vertex, const BigArray<EdgeData>& edges) const {
    Labels belief{};
    model->own(vertex, belief);
    normalise(belief, model->labels());
    std::vector<std::pair<GlobalId, EdgeId>> rows;  // in the same order as in update
    for (const ScopeGraph::Link& link : graph.links(vertex.local))
      if (link.vertex() != vertex.local) rows.emplace_back(graph.global_id(link.vertex()), link.edge());
    std::ranges::stable_sort(rows, {}, &std::pair<GlobalId, EdgeId>::first);
    for (const auto& [other, e] : rows)
      belief = product(belief, other < vertex.index ? edges[e].to_higher : edges[e].to_lower, model->labels());
    return belief;
  }

 private:
  template <class Neighbour>
  struct End {
    Neighbour neighbour;
    GlobalId index;
    bool higher;  // than the vertex
    Labels incoming;
  };

  // The edges by the index of the neighbour, so that products have the same bits for any ranks.
  template <class S>
  static auto& ends_of(const S& scope, GlobalId own) {
    thread_local std::vector<End<typename S::Neighbour>> ends;
    ends.clear();
    for (const auto n : scope.neighbours()) {
      const GlobalId index = n.index();
      if (index == own) continue;
      const EdgeData edge = n.edge();
      ends.push_back({n, index, index > own, index > own ? edge.to_lower : edge.to_higher});
    }
    using E = End<typename S::Neighbour>;
    if (!std::ranges::is_sorted(ends, {}, &E::index)) std::ranges::stable_sort(ends, {}, &E::index);
    return ends;
  }

  // Tells a neighbour what all others say, if that is news. Returns the residual of what was told, 0 when it was none.
  template <class E>
  double say(const E& end, const Labels& others) const {
    Labels message{};
    model->pass(end.neighbour.out(), end.neighbour.weight(), others, message);
    normalise(message, model->labels());
    EdgeData edge = end.neighbour.edge();
    Labels& told = end.higher ? edge.to_higher : edge.to_lower;
    const double residual = residual_between(message, told);
    if (residual <= tolerance) return 0;
    if (damping > 0) {
      const auto stays = static_cast<typename Labels::value_type>(damping);
      for (std::size_t x = 0; x < told.size(); ++x) told[x] += (1 - stays) * (message[x] - told[x]);
    } else {
      told = message;
    }
    end.neighbour.set_edge(edge);
    end.neighbour.signal(residual_priority(residual));
    return residual;
  }
};

/// The beliefs of the masters, by local id, from what a run has left on the edges. Local.
template <class Model>
BigArray<typename Model::Labels> beliefs_of(const ScopeGraph& graph, const BeliefPropagation<Model>& program,
                                            const BigArray<typename BeliefPropagation<Model>::EdgeData>& edges) {
  constexpr std::size_t kPiece = 1024;
  const VertexViews views(graph.graph());
  BigArray<typename Model::Labels> beliefs(graph.masters());
  parallel::for_ranges(graph.masters(), kPiece, [&](std::size_t begin, std::size_t end) {
    for (std::size_t v = begin; v < end; ++v) beliefs[v] = program.belief(graph, views(static_cast<LocalId>(v)), edges);
  });
  return beliefs;
}

}  // namespace gasket
