#pragma once
// What an update function gets: its vertex with its edges and neighbours, and what its level of consistency lets it do.

#include <iterator>

#include "engine/scope/scope_store.hpp"
#include "partition/hash.hpp"

namespace gasket {

/// P: the update program; C: what it may do: the rights of the level it runs under, or of P::uses.
template <class P, Consistency C>
class Scope {
  using Store = ScopeStore<P>;
  // Under vertex consistency others may write what is read here.
  static constexpr bool kShared = C == Consistency::vertex;

 public:
  using Data = typename P::Data;
  using EdgeData = EdgeDataOf<P>;
  static constexpr Consistency consistency = C;

  Scope(Store& store, LocalId vertex, ScopeEffects& effects, std::uint64_t seed)
      : store_(store), vertex_(vertex), effects_(effects), seed_(seed) {}

  // -- The vertex -----------------------------------------------------------------------------------------
  Vertex vertex() const { return store_.vertex(vertex_); }
  Data data() const { return store_.template data<kShared>(vertex_); }
  void set(const Data& value) {
    store_.template set_data<kShared>(vertex_, value);
    effects_.own = true;
  }
  /// How often it has run before.
  std::uint32_t runs() const { return store_.runs(vertex_); }
  /// The aggregate over all vertices as last taken.
  auto global() const { return store_.global(); }

  // -- Edges and neighbours -------------------------------------------------------------------------------
  /// An edge of the vertex with the neighbour at its other end, which for a self loop is the vertex.
  class Neighbour {
   public:
    Neighbour(const Scope* scope, const ScopeGraph::Link* link) : scope_(scope), link_(link) {}
    GlobalId index() const { return store().graph().global_id(link_->vertex()); }
    /// Whether the edge leads to the neighbour, or from it; in an undirected graph both.
    bool out() const { return link_->out(); }
    bool in() const { return link_->in(); }
    /// In the input; 1 in a graph without weights.
    double weight() const { return store().graph().weighted() ? store().graph().weight(link_->edge()) : 1; }
    /// Under vertex consistency of some moment, perhaps long ago.
    Data data() const { return store().template data<kShared>(link_->vertex()); }
    EdgeData edge() const { return store().template edge<kShared>(link_->edge()); }
    void set_edge(const EdgeData& value) const {
      static_assert(C != Consistency::vertex,
                    "gasket: under vertex consistency an update must not write its edges; the program needs "
                    "Consistency::edge");
      unprotected_set_edge(value);
    }
    void set(const Data& value) const {
      static_assert(C == Consistency::full,
                    "gasket: an update may write its neighbours only under full consistency; the program needs "
                    "Consistency::full");
      unprotected_set(value);
    }
    /// The same at any level, for those who want to see what happens: updates may be lost.
    void unprotected_set_edge(const EdgeData& value) const {
      store().template set_edge<kShared>(link_->edge(), value);
      scope_->effects_.edges.push_back(link_->edge());
    }
    void unprotected_set(const Data& value) const {
      store().template set_data<C != Consistency::full>(link_->vertex(), value);
      if (link_->vertex() == scope_->vertex_)
        scope_->effects_.own = true;
      else
        scope_->effects_.neighbours.push_back(link_->vertex());
    }
    /// Schedules the neighbour.
    void signal(std::uint64_t priority = 0) const { scope_->effects_.signals.push_back({link_->vertex(), priority}); }

   private:
    Store& store() const { return scope_->store_; }
    const Scope* scope_;
    const ScopeGraph::Link* link_;
  };
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Neighbour;
    Iterator() = default;
    Iterator(const Scope* scope, const ScopeGraph::Link* link) : scope_(scope), link_(link) {}
    Neighbour operator*() const { return {scope_, link_}; }
    Iterator& operator++() {
      ++link_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++link_;
      return before;
    }
    bool operator==(const Iterator& other) const { return link_ == other.link_; }

   private:
    const Scope* scope_ = nullptr;
    const ScopeGraph::Link* link_ = nullptr;
  };
  struct Neighbours {
    Iterator first, last;
    Iterator begin() const { return first; }
    Iterator end() const { return last; }
  };
  /// One per edge: a neighbour with two edges comes twice. In an order that is the same in every run on so many ranks.
  Neighbours neighbours() const {
    const auto links = store_.graph().links(vertex_);
    return {{this, links.data()}, {this, links.data() + links.size()}};
  }
  std::size_t degree() const { return store_.graph().links(vertex_).size(); }

  // -- Scheduling -----------------------------------------------------------------------------------------
  /// Schedules the vertex itself again.
  void signal(std::uint64_t priority = 0) const { effects_.signals.push_back({vertex_, priority}); }
  void signal_neighbours(std::uint64_t priority = 0) const {
    for (const ScopeGraph::Link& link : store_.graph().links(vertex_))
      effects_.signals.push_back({link.vertex(), priority});
  }

  /// A random 64-bit number, the i-th of this run of this vertex: it depends on the run's seed, the vertex, how often it ran
  /// and i, on nothing else.
  std::uint64_t random(std::uint64_t i = 0) const {
    return mix(mix(mix(seed_ ^ store_.graph().global_id(vertex_)) + runs()) + i);
  }
  /// The same in [0, 1).
  double random_unit(std::uint64_t i = 0) const { return static_cast<double>(random(i) >> 11) * 0x1.0p-53; }

 private:
  Store& store_;
  LocalId vertex_;
  ScopeEffects& effects_;
  std::uint64_t seed_;
};

}  // namespace gasket
