#pragma once
// The values of a running program on one rank: what masters keep and what neighbours see of every local vertex.

#include "engine/program.hpp"
#include "partition/big_array.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

/// Memory: a Ghost per local vertex, and a Data per master where the two differ.
template <class P>
class VertexValues {
  using Traits = ProgramTraits<P>;
  using Data = typename P::Data;
  using Ghost = GhostOf<P>;

 public:
  VertexValues(const DistributedGraph& graph, const P& program) : graph_(graph), program_(program) {
    if constexpr (Traits::projects) data_ = BigArray<Data>(graph.masters());
    ghosts_ = BigArray<Ghost>(graph.locals());
  }

  Vertex vertex(LocalId master) const {
    return {graph_.external_id(master), graph_.global_id(master), graph_.vertices(), graph_.in_degree(master),
            graph_.out_degree(master)};
  }
  const Data& data(LocalId master) const {
    if constexpr (Traits::projects)
      return data_[master];
    else
      return ghosts_[master];
  }
  const Ghost& ghost(LocalId v) const { return ghosts_[v]; }
  const Ghost* ghosts() const { return ghosts_.data(); }
  /// The array that neighbours read, for filling and exchanging it.
  BigArray<Ghost>& ghost_array() { return ghosts_; }

  /// A new value of a master that neighbours hear of.
  void store(LocalId master, const Data& value) {
    if constexpr (Traits::projects) {
      data_[master] = value;
      ghosts_[master] = program_.ghost(vertex(master), value);
    } else {
      ghosts_[master] = value;
    }
  }
  /// A new value of a master of which the neighbours keep what they know.
  void refine(LocalId master, const Data& value) {
    if constexpr (Traits::projects) data_[master] = value;
  }
  bool differs(const Data& before, const Data& after) const {
    if constexpr (Traits::has_changed)
      return program_.changed(before, after);
    else
      return !(before == after);
  }
  Ghost project(LocalId master, const Data& value) const {
    if constexpr (Traits::projects)
      return program_.ghost(vertex(master), value);
    else
      return value;
  }

  /// The masters' data; ends the use of the object.
  BigArray<Data> take() {
    if constexpr (Traits::projects) {
      return std::move(data_);
    } else {
      ghosts_.shrink(graph_.masters());
      return std::move(ghosts_);
    }
  }

 private:
  const DistributedGraph& graph_;
  const P& program_;
  BigArray<Data> data_;     // masters; unused when the ghost is the data itself
  BigArray<Ghost> ghosts_;  // masters and ghosts
};

}  // namespace gasket
