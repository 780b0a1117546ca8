#pragma once
// Slow and obvious answers of algorithms that are no vertex programs, from the arcs of an Oracle: strong components by
// Boost.Graph, label propagation by a map per vertex, triangles by looking up every pair of neighbours in a set.

#include <boost/graph/strong_components.hpp>
#include <map>
#include <set>

#include "tests/support/oracle.hpp"

namespace gasket {

/// For each vertex the smallest vertex of its strong component.
inline std::vector<GlobalId> slow_strong_components(const Oracle& oracle) {
  boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(oracle.count());
  for (const Oracle::Arc& arc : oracle.arcs) boost::add_edge(arc.source, arc.target, graph);
  std::vector<std::size_t> component(oracle.count());
  const std::size_t count = boost::strong_components(
      graph, boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, graph)));
  std::vector<GlobalId> smallest(count, oracle.count());
  for (std::size_t v = oracle.count(); v-- > 0;) smallest[component[v]] = v;
  std::vector<GlobalId> labels;
  for (const std::size_t c : component) labels.push_back(smallest[c]);
  return labels;
}

/// The labels after so many iterations. `directed`: the oracle's arcs go one way, and count at both of their ends.
inline std::vector<GlobalId> slow_label_propagation(const Oracle& oracle, bool directed, int iterations) {
  std::vector<GlobalId> labels(oracle.count());
  for (std::size_t v = 0; v < labels.size(); ++v) labels[v] = v;
  for (int i = 0; i < iterations; ++i) {
    std::vector<std::map<GlobalId, int>> around(labels.size());
    for (const Oracle::Arc& arc : oracle.arcs) {
      ++around[arc.target][labels[arc.source]];
      if (directed) ++around[arc.source][labels[arc.target]];
    }
    for (std::size_t v = 0; v < labels.size(); ++v) {
      int most = 0;
      for (const auto& [label, count] : around[v])
        if (count > most) {
          most = count;
          labels[v] = label;
        }
    }
  }
  return labels;
}

struct SlowTriangles {
  std::vector<std::uint64_t> counts;
  std::vector<double> coefficients;
  std::uint64_t triangles = 0, wedges = 0;
};

inline SlowTriangles slow_triangles(const Oracle& oracle) {
  std::vector<std::set<std::size_t>> out(oracle.count()), around(oracle.count());
  for (const Oracle::Arc& arc : oracle.arcs) {
    if (arc.source == arc.target) continue;
    out[arc.source].insert(arc.target);
    around[arc.source].insert(arc.target);
    around[arc.target].insert(arc.source);
  }
  SlowTriangles answer;
  for (std::size_t v = 0; v < oracle.count(); ++v) {
    std::uint64_t edges = 0, arcs = 0;
    for (const std::size_t u : around[v])
      for (const std::size_t w : around[v]) {
        edges += u < w && around[u].contains(w) ? 1 : 0;
        arcs += out[u].contains(w) ? 1 : 0;
      }
    const std::uint64_t d = around[v].size();
    answer.counts.push_back(edges);
    answer.coefficients.push_back(d < 2 ? 0 : static_cast<double>(arcs) / static_cast<double>(d * (d - 1)));
    answer.triangles += edges;
    answer.wedges += d < 2 ? 0 : d * (d - 1) / 2;
  }
  answer.triangles /= 3;
  return answer;
}

}  // namespace gasket
