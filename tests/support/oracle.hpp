#pragma once
// Slow and obvious answers on one process, from the plain list of edges: PageRank by its rule in long double, searches
// and components by Boost.Graph.

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/support/memory_source.hpp"

namespace gasket {

class Oracle {
 public:
  struct Arc {
    std::size_t source;
    std::size_t target;
    double weight;
  };

  /// An undirected edge is two arcs, a self loop one.
  Oracle(const PlainGraph& graph, bool undirected) : ids(graph.listed) {
    for (const PlainEdge& e : graph.edges) {
      ids.push_back(e.source);
      ids.push_back(e.target);
    }
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    const auto index = [&](ExternalId id) {
      return static_cast<std::size_t>(std::ranges::lower_bound(ids, id) - ids.begin());
    };
    for (const PlainEdge& e : graph.edges) {
      const std::size_t s = index(e.source), t = index(e.target);
      arcs.push_back({s, t, e.weight});
      if (undirected && s != t) arcs.push_back({t, s, e.weight});
    }
  }

  std::vector<ExternalId> ids;  // ascending; the position is the global id
  std::vector<Arc> arcs;

  std::size_t count() const { return ids.size(); }

  std::vector<std::uint32_t> out_degrees() const {
    std::vector<std::uint32_t> degrees(count());
    for (const Arc& arc : arcs) ++degrees[arc.source];
    return degrees;
  }

  /// The fixpoint, or what is reached after so many iterations.
  std::vector<double> pagerank(double damping, bool normalised, int iterations = 1000) const {
    const std::vector<std::uint32_t> degrees = out_degrees();
    const auto n = static_cast<long double>(count());
    const long double d = damping;
    std::vector<long double> rank(count(), normalised ? 1 / n : 1);
    long double change = 1;
    for (int i = 0; i < iterations && change > 1e-17L * n; ++i) {
      long double dangling = 0;
      for (std::size_t v = 0; v < count(); ++v)
        if (degrees[v] == 0) dangling += rank[v];
      std::vector<long double> next(count(), normalised ? (1 - d + d * dangling) / n : 1 - d);
      for (const Arc& arc : arcs) next[arc.target] += d * rank[arc.source] / degrees[arc.source];
      change = 0;
      for (std::size_t v = 0; v < count(); ++v) change += std::abs(next[v] - rank[v]);
      rank = next;
    }
    return {rank.begin(), rank.end()};
  }

  /// 2^32 - 1 where there is no path.
  std::vector<std::uint32_t> bfs(GlobalId source) const {
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(count());
    for (const Arc& arc : arcs) boost::add_edge(arc.source, arc.target, graph);
    std::vector<std::uint32_t> depth(count(), std::numeric_limits<std::uint32_t>::max());
    depth[source] = 0;
    boost::breadth_first_search(
        graph, source,
        boost::visitor(boost::make_bfs_visitor(boost::record_distances(depth.data(), boost::on_tree_edge()))));
    return depth;
  }

  /// Infinity where there is no path.
  std::vector<double> sssp(GlobalId source) const {
    using Weight = boost::property<boost::edge_weight_t, double>;
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, Weight> graph(count());
    for (const Arc& arc : arcs) boost::add_edge(arc.source, arc.target, arc.weight, graph);
    std::vector<double> distance(count());
    boost::dijkstra_shortest_paths(
        graph, source,
        boost::distance_map(boost::make_iterator_property_map(distance.begin(), boost::get(boost::vertex_index, graph)))
            .distance_inf(std::numeric_limits<double>::infinity()));
    return distance;
  }

  /// For each vertex the smallest vertex of its weak component.
  std::vector<GlobalId> components() const {
    boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS> graph(count());
    for (const Arc& arc : arcs) boost::add_edge(arc.source, arc.target, graph);
    std::vector<std::size_t> component(count());
    std::vector<GlobalId> smallest(boost::connected_components(graph, component.data()), count());
    for (std::size_t v = count(); v-- > 0;) smallest[component[v]] = v;
    std::vector<GlobalId> labels;
    for (const std::size_t c : component) labels.push_back(smallest[c]);
    return labels;
  }
};

}  // namespace gasket
