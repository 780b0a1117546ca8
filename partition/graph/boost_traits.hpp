#pragma once
// A rank's local rows as a Boost.Graph graph: stock algorithms (Dijkstra, strong components, breadth-first search) run
// on them unchanged. Models VertexListGraph, EdgeListGraph's counts, IncidenceGraph, AdjacencyGraph.
//
//   gasket::RowsGraph g{graph.by_source()};
//   boost::breadth_first_search(g, root, visitor(...));
//
// Vertices are local ids, ghosts included: on one rank that is the whole graph. Edge weights:
// boost::get(boost::edge_weight, g).

#include <boost/graph/graph_traits.hpp>
#include <boost/graph/properties.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <boost/property_map/property_map.hpp>
#include <utility>

#include "partition/graph/adjacency.hpp"

namespace gasket {

/// A view; the rows must outlive it.
struct RowsGraph {
  explicit RowsGraph(const Adjacency& adjacency) : rows(&adjacency) {}
  const Adjacency* rows;
};

/// An arc of a row: its row and its position among all arcs.
struct RowArc {
  LocalId row = 0;
  EdgeCount position = 0;
  friend bool operator==(const RowArc&, const RowArc&) = default;
};

class RowArcIterator : public boost::iterator_facade<RowArcIterator, RowArc, boost::random_access_traversal_tag, RowArc,
                                                     std::ptrdiff_t> {
 public:
  RowArcIterator() = default;
  RowArcIterator(LocalId row, EdgeCount position) : arc_{row, position} {}

 private:
  friend class boost::iterator_core_access;
  RowArc dereference() const { return arc_; }
  bool equal(const RowArcIterator& other) const { return arc_.position == other.arc_.position; }
  void increment() { ++arc_.position; }
  void decrement() { --arc_.position; }
  void advance(std::ptrdiff_t n) { arc_.position += static_cast<EdgeCount>(n); }
  std::ptrdiff_t distance_to(const RowArcIterator& other) const {
    return static_cast<std::ptrdiff_t>(other.arc_.position - arc_.position);
  }
  RowArc arc_;
};

/// The weight of an arc, 1 in a graph without weights.
struct RowWeights {
  using key_type = RowArc;
  using value_type = double;
  using reference = double;
  using category = boost::readable_property_map_tag;
  const Adjacency* rows;
  friend double get(const RowWeights& map, const RowArc& arc) {
    return map.rows->weights.empty() ? 1.0 : map.rows->weights[arc.position];
  }
};

inline LocalId source(const RowArc& arc, const RowsGraph&) { return arc.row; }
inline LocalId target(const RowArc& arc, const RowsGraph& g) { return g.rows->neighbours[arc.position]; }
inline std::pair<RowArcIterator, RowArcIterator> out_edges(LocalId v, const RowsGraph& g) {
  return {RowArcIterator(v, g.rows->offsets[v]), RowArcIterator(v, g.rows->offsets[v + 1])};
}
inline EdgeCount out_degree(LocalId v, const RowsGraph& g) { return g.rows->degree(v); }
inline std::pair<const LocalId*, const LocalId*> adjacent_vertices(LocalId v, const RowsGraph& g) {
  const std::span<const LocalId> row = g.rows->row(v);
  return {row.data(), row.data() + row.size()};
}
inline std::pair<boost::counting_iterator<LocalId>, boost::counting_iterator<LocalId>> vertices(const RowsGraph& g) {
  return {boost::counting_iterator<LocalId>(0), boost::counting_iterator<LocalId>(g.rows->rows())};
}
inline LocalId num_vertices(const RowsGraph& g) { return g.rows->rows(); }
inline EdgeCount num_edges(const RowsGraph& g) { return g.rows->arcs(); }
inline boost::typed_identity_property_map<LocalId> get(boost::vertex_index_t, const RowsGraph&) { return {}; }
inline LocalId get(boost::vertex_index_t, const RowsGraph&, LocalId v) { return v; }
inline RowWeights get(boost::edge_weight_t, const RowsGraph& g) { return {g.rows}; }
inline double get(boost::edge_weight_t, const RowsGraph& g, const RowArc& arc) { return get(RowWeights{g.rows}, arc); }

}  // namespace gasket

namespace boost {

template <>
struct graph_traits<gasket::RowsGraph> {
  struct traversal_category : virtual incidence_graph_tag,
                              virtual adjacency_graph_tag,
                              virtual vertex_list_graph_tag {};
  using vertex_descriptor = gasket::LocalId;
  using edge_descriptor = gasket::RowArc;
  using directed_category = directed_tag;
  using edge_parallel_category = allow_parallel_edge_tag;
  using vertex_iterator = counting_iterator<gasket::LocalId>;
  using out_edge_iterator = gasket::RowArcIterator;
  using adjacency_iterator = const gasket::LocalId*;
  using vertices_size_type = gasket::LocalId;
  using edges_size_type = gasket::EdgeCount;
  using degree_size_type = gasket::EdgeCount;
  static vertex_descriptor null_vertex() { return static_cast<gasket::LocalId>(-1); }
};

template <>
struct property_map<gasket::RowsGraph, vertex_index_t> {
  using type = typed_identity_property_map<gasket::LocalId>;
  using const_type = type;
};
template <>
struct property_map<gasket::RowsGraph, edge_weight_t> {
  using type = gasket::RowWeights;
  using const_type = type;
};

}  // namespace boost
