#pragma once
// What a rank holds of the graph once it is loaded. Immutable; values that programs compute live outside.
//
// Local ids: masters first, then ghosts by owner (ghost_plan.hpp), both in the order that vertex_order.hpp names.
// "Mine?" is one comparison.

#include <optional>
#include <span>
#include <string>

#include "partition/comm/communicator.hpp"
#include "partition/graph/adjacency.hpp"
#include "partition/graph/ghost_plan.hpp"
#include "partition/graph/vertex_ids.hpp"
#include "partition/graph/vertex_order.hpp"

namespace gasket {

/// The rows in which a program may be done after one neighbour, if it is the right one (build/leads.hpp).
enum class Leads { none, by_target, by_source };

/// Which compressed rows a program's engine reads, and what its ghosts send.
struct AdjacencyNeed {
  bool by_target = true;   // rows of in-neighbours (CSC): pull
  bool by_source = true;   // rows of out-neighbours (CSR): push
  bool wide_sums = false;  // of ghosts, by far larger than values: a histogram
  bool waves = false;      // begins at few vertices and moves from neighbours to neighbours: a search
  Leads leads = Leads::none;
};

/// What came of the placement, over all ranks. Balances are maximum over mean, 1 is perfect.
struct PlacementQuality {
  std::string strategy = "none";  // that cut the graph, or "atoms"; where it was automatic, the one that was chosen
  double replication_factor = 1;  // copies per vertex
  double edge_balance = 1;        // arcs
  double vertex_balance = 1;      // masters and ghosts
  double master_balance = 1;
};

/// What happened to the edges of the input.
struct LoadCounts {
  EdgeCount edges_read = 0;
  EdgeCount self_loops_dropped = 0;
  EdgeCount duplicates_dropped = 0;
};

class DistributedGraph {
 public:
  /// Everything the builder found out; see the accessors.
  struct Parts {
    GlobalId vertices = 0;
    EdgeCount edges = 0;
    EdgeCount arcs = 0;
    bool directed = true;
    bool weighted = false;
    VertexIds ids;
    LocalId masters = 0;
    VertexOrder order = VertexOrder::input;
    BigArray<GlobalId> global_ids;
    BigArray<ExternalId> external_ids;
    BigArray<std::uint32_t> in_degrees;
    BigArray<std::uint32_t> out_degrees;
    std::optional<Adjacency> by_target;
    std::optional<Adjacency> by_source;
    bool symmetric_rows = false;
    GhostPlan ghosts;
    PlacementQuality quality;
    LoadCounts counts;
  };
  DistributedGraph(Communicator& comm, Parts parts) : comm_(&comm), parts_(std::move(parts)) {}

  Communicator& communicator() const { return *comm_; }

  // -- The whole graph ------------------------------------------------------------------------------------
  GlobalId vertices() const { return parts_.vertices; }
  /// Edges as the user counts them: an undirected edge is one.
  EdgeCount edges() const { return parts_.edges; }
  /// Directed arcs stored on all ranks: an undirected edge is two, a self loop one.
  EdgeCount arcs() const { return parts_.arcs; }
  bool directed() const { return parts_.directed; }
  bool weighted() const { return parts_.weighted; }
  const VertexIds& ids() const { return parts_.ids; }
  const PlacementQuality& quality() const { return parts_.quality; }
  const LoadCounts& counts() const { return parts_.counts; }

  // -- This rank's part -----------------------------------------------------------------------------------
  /// Masters are the local ids 0 .. masters()-1, ghosts masters() .. locals()-1.
  LocalId masters() const { return parts_.masters; }
  LocalId locals() const { return static_cast<LocalId>(parts_.global_ids.size()); }
  LocalId ghosts() const { return locals() - masters(); }
  /// input or degree: the same on every rank.
  VertexOrder order() const { return parts_.order; }
  GlobalId global_id(LocalId v) const { return parts_.global_ids[v]; }
  std::span<const GlobalId> global_ids() const { return parts_.global_ids.span(); }
  /// The ids in the input, of the masters.
  std::span<const ExternalId> external_ids() const {
    return parts_.external_ids.empty() ? global_ids().first(masters()) : parts_.external_ids.span();
  }
  ExternalId external_id(LocalId master) const { return external_ids()[master]; }
  /// Degrees in the whole graph, of a master. In an undirected graph both count every edge (self loops once).
  std::span<const std::uint32_t> in_degrees() const { return parts_.in_degrees.span(); }
  std::span<const std::uint32_t> out_degrees() const { return parts_.out_degrees.span(); }
  std::uint32_t in_degree(LocalId master) const { return parts_.in_degrees[master]; }
  std::uint32_t out_degree(LocalId master) const { return parts_.out_degrees[master]; }

  /// Rows of in-neighbours. Only where the need given at loading said so.
  const Adjacency& by_target() const { return *parts_.by_target; }
  /// Rows of out-neighbours, which are the same rows when the local arcs are symmetric.
  const Adjacency& by_source() const { return parts_.symmetric_rows ? *parts_.by_target : *parts_.by_source; }
  bool has_by_target() const { return parts_.by_target.has_value(); }
  bool has_by_source() const { return parts_.by_source.has_value() || (parts_.symmetric_rows && has_by_target()); }

  const GhostPlan& ghost_plan() const { return parts_.ghosts; }

 private:
  Communicator* comm_;
  Parts parts_;
};

}  // namespace gasket
