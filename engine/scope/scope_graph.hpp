#pragma once
// The graph as update functions see it: every rank has all edges of its masters, in both directions, whatever the
// placement was. An edge between masters of two ranks is stored on both (a cut edge); the other end is a ghost.
//
// A vertex program's sum can be put together from parts that lie on several ranks; an update function reads and writes
// its whole neighbourhood, so it must find it in one place (Low et al., Distributed GraphLab, VLDB 2012, section 4.1).
//
// All ranks agree on one order of vertices, the canonical order: by the master's rank, then by its local id there. Locks
// are taken in it, the rows are sorted by it, and it gives ghosts and cut edges the same order on both sides, so that
// messages name neither.

#include <span>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/graph/arc_weights.hpp"
#include "partition/graph/distributed_graph.hpp"
#include "partition/graph/ghost_plan.hpp"

namespace gasket {

using EdgeId = std::uint32_t;  // of one rank

class ScopeGraph {
 public:
  /// One end of an edge, seen from the other.
  class Link {
   public:
    Link() = default;
    Link(LocalId vertex, EdgeId edge, bool out, bool in)
        : vertex_(vertex), word_(edge << 2 | (out ? 2 : 0) | (in ? 1 : 0)) {}
    LocalId vertex() const { return vertex_; }
    EdgeId edge() const { return word_ >> 2; }
    /// The edge leads to the neighbour; in an undirected graph, and for a self loop, both ways.
    bool out() const { return (word_ & 2) != 0; }
    bool in() const { return (word_ & 1) != 0; }

   private:
    LocalId vertex_ = 0;
    std::uint32_t word_ = 0;
  };
  static constexpr EdgeId kMaxEdges = EdgeId{1} << 30;

  /// Where a vertex has its master.
  struct Home {
    int rank = 0;
    LocalId local = 0;
    auto operator<=>(const Home&) const = default;
  };
  /// Cut edges shared with a rank: the ids begin .. end-1, in the same order on both sides.
  struct CutEdges {
    int rank = 0;
    EdgeId begin = 0;
    EdgeId end = 0;
  };

  /// Collective; the graph must have rows of one kind at least. O(arcs log arcs) time; memory for good: 8 bytes per edge
  /// and local end, 16 per ghost, 4 or 8 per edge with weights; on the way 24 more per edge. Throws ResourceError (agreed)
  /// where a rank would have kMaxEdges edges or more.
  explicit ScopeGraph(const DistributedGraph& graph);

  const DistributedGraph& graph() const { return *graph_; }
  Communicator& communicator() const { return graph_->communicator(); }
  bool weighted() const { return graph_->weighted(); }

  /// Masters are those of the graph, with the same local ids; ghosts follow in canonical order.
  LocalId masters() const { return graph_->masters(); }
  LocalId locals() const { return masters() + static_cast<LocalId>(ghost_homes_.size()); }
  GlobalId global_id(LocalId v) const { return v < masters() ? graph_->global_id(v) : ghost_ids_[v - masters()]; }
  Home home(LocalId v) const { return v < masters() ? Home{communicator().rank(), v} : ghost_homes_[v - masters()]; }
  /// The links of a master, in canonical order of the neighbours.
  std::span<const Link> links(LocalId master) const {
    return {links_.data() + begins_[master], links_.data() + begins_[master + 1]};
  }
  /// Local edges first, then the cut edges by rank.
  EdgeId edges() const { return edges_; }
  double weight(EdgeId edge) const { return weights_[edge]; }
  std::span<const CutEdges> cut_edges() const { return cut_edges_; }
  /// The cut edges that an edge is among, or null for one of this rank alone.
  const CutEdges* cut_of(EdgeId edge) const;

  /// Ghosts and their masters, for values that go to all copies (all of a peer's ghosts count as sources and targets).
  const GhostPlan& plan() const { return plan_; }

 private:
  struct Arc;
  struct Builder;

  const DistributedGraph* graph_;
  BigArray<std::uint64_t> begins_;
  BigArray<Link> links_;
  BigArray<Home> ghost_homes_;
  BigArray<GlobalId> ghost_ids_;
  ArcWeights weights_;
  std::vector<CutEdges> cut_edges_;  // ascending by rank
  EdgeId edges_ = 0;
  GhostPlan plan_;
};

}  // namespace gasket
