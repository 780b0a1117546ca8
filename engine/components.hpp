#pragma once
// Weakly connected components at the speed of memory. Inside a rank by Afforest (Sutton, Ben-Nun, Barak: Optimizing
// Parallel Graph Connectivity Computation via Subgraph Sampling, IPDPS 2018): the vertices are joined with their first
// neighbour or two, a sample says which component has become the giant one, and the arcs inside it are never looked at.
// Between ranks a copy of a vertex whose master is in its rank's giant component is known to belong with the others of that
// kind (local_components.hpp). A component is named after a vertex; the other copies say which names mean the same, and
// these few pairs are joined by all ranks (component_names.hpp). No label ever moves along a path of the graph, so the
// diameter does not matter.
//
// The readable form of the same answer is the vertex program Wcc (apps/wcc.hpp).

#include "engine/run_record.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

struct ComponentsOptions {
  /// Pairs of names, on all ranks together, up to which every rank joins them all; more are joined where they are.
  std::uint64_t gathered_pairs = std::uint64_t{1} << 22;
};

template <class Label>
struct ComponentsResult {
  /// Of the masters, by local id: the smallest global id in the vertex' component. Global ids are in the order of
  /// external ids.
  BigArray<Label> labels;
  /// One superstep for what a rank does alone, and one for the rest.
  RunRecord record;
};

/// The rows that find_components reads: one set, whatever the directions of the arcs.
inline AdjacencyNeed components_need() { return {.by_target = true, .by_source = false, .leads = Leads::by_target}; }

/// Label is std::uint32_t, where the graph has less than 2^32 vertices, or std::uint64_t. Collective. Memory: 4 bytes and
/// a label per local vertex; on several ranks a label more per copy of its masters, 8 bytes per ghost outside the giant
/// component, 4 per master that arcs to masters alone do not bring into it, and 16 bytes per pair of names: of the pairs
/// that all ranks hold when they gather them, else of its own.
template <class Label>
ComponentsResult<Label> find_components(const DistributedGraph& graph, const ComponentsOptions& options = {});

}  // namespace gasket
