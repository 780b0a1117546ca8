#pragma once
// The values of a running program on one rank: what masters keep and what neighbours see of every local vertex.

#include "engine/program.hpp"
#include "partition/big_array.hpp"
#include "partition/graph/distributed_graph.hpp"

namespace gasket {

/// Makes the vertex that a program sees from the arrays of the graph.
class VertexViews {
 public:
  explicit VertexViews(const DistributedGraph& graph)
      : external_ids_(graph.external_ids().data()),
        global_ids_(graph.global_ids().data()),
        in_degrees_(graph.in_degrees().data()),
        out_degrees_(graph.out_degrees().data()),
        count_(graph.vertices()) {}
  Vertex operator()(LocalId master) const {
    const std::size_t v = first_ + master;
    return {external_ids_[v], global_ids_[v], count_, in_degrees_[v], out_degrees_[v], static_cast<LocalId>(v)};
  }
  /// Those of the masters from `first` on, counted from there; a vertex' own local id stays what it is.
  VertexViews from(LocalId first) const {
    VertexViews some = *this;
    some.first_ += first;
    return some;
  }

 private:
  const ExternalId* external_ids_;
  const GlobalId* global_ids_;
  const std::uint32_t* in_degrees_;
  const std::uint32_t* out_degrees_;
  GlobalId count_;
  std::size_t first_ = 0;
};

/// Whether neighbours must hear of the new value.
template <class P>
bool differs(const P& program, const typename P::Data& before, const typename P::Data& after) {
  if constexpr (ProgramTraits<P>::has_changed)
    return program.changed(before, after);
  else
    return !(before == after);
}

/// What neighbours see of a master.
template <class P>
GhostOf<P> project(const P& program, const Vertex& vertex, const typename P::Data& value) {
  if constexpr (ProgramTraits<P>::projects)
    return program.ghost(vertex, value);
  else
    return value;
}

/// Memory: a Ghost per local vertex, and a Data per master where the two may differ.
template <class P>
class VertexValues {
  using Traits = ProgramTraits<P>;
  using Data = typename P::Data;
  using Ghost = GhostOf<P>;

 public:
  explicit VertexValues(const DistributedGraph& graph) : graph_(graph) {
    if constexpr (Traits::keeps_ghosts_apart) data_ = BigArray<Data>::on_whole_pages(graph.masters());
    ghosts_ = BigArray<Ghost>::on_whole_pages(graph.locals());
  }

  /// The arrays, to be held by value in a loop.
  class Access {
   public:
    Vertex vertex(LocalId master) const { return vertices_(master); }
    const Data& data(LocalId master) const {
      if constexpr (Traits::keeps_ghosts_apart)
        return data_[master];
      else
        return ghosts_[master];
    }
    const Ghost& ghost(LocalId v) const { return ghosts_[v]; }
    /// A new value of a master of which the neighbours keep what they know.
    void refine(LocalId master, const Data& value) const {
      if constexpr (Traits::keeps_ghosts_apart) data_[master] = value;
    }
    /// A new value of a master that neighbours hear of.
    void store(const P& program, LocalId master, const Data& value) const {
      refine(master, value);
      ghosts_[master] = project(program, vertex(master), value);
    }
    /// Those of the masters from `first` on, counted from there: a loop over few of them has indices that cannot overflow.
    Access from(LocalId first) const {
      return {vertices_.from(first), data_ == nullptr ? nullptr : data_ + first, ghosts_ + first};
    }

   private:
    friend class VertexValues;
    Access(const VertexViews& vertices, Data* data, Ghost* ghosts)
        : vertices_(vertices), data_(data), ghosts_(ghosts) {}
    VertexViews vertices_;
    Data* data_;
    Ghost* ghosts_;
  };
  Access access() { return {VertexViews(graph_), data_.data(), ghosts_.data()}; }

  Vertex vertex(LocalId master) const { return VertexViews(graph_)(master); }
  const Data& data(LocalId master) const {
    if constexpr (Traits::keeps_ghosts_apart)
      return data_[master];
    else
      return ghosts_[master];
  }
  const Ghost& ghost(LocalId v) const { return ghosts_[v]; }
  const Ghost* ghosts() const { return ghosts_.data(); }
  /// The array that neighbours read, for filling and exchanging it.
  BigArray<Ghost>& ghost_array() { return ghosts_; }

  /// The masters' data; ends the use of the object.
  BigArray<Data> take() {
    if constexpr (Traits::keeps_ghosts_apart) {
      return std::move(data_);
    } else {
      ghosts_.shrink(graph_.masters());
      return std::move(ghosts_);
    }
  }

 private:
  const DistributedGraph& graph_;
  BigArray<Data> data_;     // masters; unused when the ghost is the data itself
  BigArray<Ghost> ghosts_;  // masters and ghosts
};

}  // namespace gasket
