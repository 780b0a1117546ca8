#pragma once
// The values of a running update program on one rank, and what an update has done to them.

#include <atomic>
#include <cstdint>
#include <vector>

#include "engine/combine.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/scope/scope_graph.hpp"
#include "engine/scope/update_program.hpp"
#include "engine/vertex_values.hpp"
#include "partition/parallel.hpp"

namespace gasket {

/// What one update wrote and whom it signalled, for the engine to pass on.
struct ScopeEffects {
  struct Signal {
    LocalId vertex;
    std::uint64_t priority;
  };
  bool own = false;                 // the vertex itself was written
  std::vector<LocalId> neighbours;  // written; may name one twice
  std::vector<EdgeId> edges;        // written; may name one twice
  std::vector<Signal> signals;

  void clear() {
    own = false;
    neighbours.clear();
    edges.clear();
    signals.clear();
  }
};

/// Memory: a Data and a 4-byte version per local vertex, 4 bytes per master, an EdgeData per local edge.
template <class P>
class ScopeStore {
 public:
  using Data = typename P::Data;
  using EdgeData = EdgeDataOf<P>;
  using Global = GlobalOf<P>;
  static constexpr bool has_edges = UpdateTraits<P>::has_edges;

  /// Collective: ghosts begin with their masters' data.
  ScopeStore(const ScopeGraph& graph, const P& program)
      : graph_(graph),
        program_(program),
        views_(graph.graph()),
        data_(graph.locals()),
        versions_(graph_.locals()),
        runs_(graph_.masters()) {
    parallel::for_ranges(graph_.masters(), kPiece, [&](std::size_t begin, std::size_t end) {
      for (std::size_t v = begin; v < end; ++v) data_[v] = program_.init(vertex(static_cast<LocalId>(v)));
    });
    GhostSync<Data>(graph_.communicator(), graph_.plan(), Tag::broadcast).broadcast_all(Flow::both, data_);
    if constexpr (has_edges) {
      edges_ = BigArray<EdgeData>(graph_.edges());
      for (EdgeId e = 0; e < graph_.edges(); ++e) edges_[e] = first_edge_data(e);
    }
  }

  const ScopeGraph& graph() const { return graph_; }
  const P& program() const { return program_; }
  Vertex vertex(LocalId master) const { return views_(master); }

  // -- Values. Under vertex consistency others may be at them; under the other levels whoever gets here has them alone.
  template <bool kShared>
  Data data(LocalId v) const {
    return read<kShared>(data_[v]);
  }
  const Data& data_alone(LocalId v) const { return data_[v]; }
  template <bool kShared>
  void set_data(LocalId v, const Data& value) {
    write<kShared || kSummed>(data_[v], value);
    std::atomic_ref(versions_[v]).fetch_add(1, std::memory_order_relaxed);
  }
  template <bool kShared>
  EdgeData edge(EdgeId e) const requires has_edges {
    return read<kShared>(edges_[e]);
  }
  template <bool kShared>
  void set_edge(EdgeId e, const EdgeData& value) requires has_edges {
    write<kShared>(edges_[e], value);
  }
  /// What has come from another rank.
  template <bool kShared>
  void receive_data(LocalId v, const Data& value, std::uint32_t version) {
    write<kShared || kSummed>(data_[v], value);
    std::atomic_ref(versions_[v]).store(version, std::memory_order_relaxed);
  }
  /// Counts the writes of a vertex' data.
  std::uint32_t version(LocalId v) const {
    return std::atomic_ref(const_cast<std::uint32_t&>(versions_[v])).load(std::memory_order_relaxed);
  }

  /// How often a master has run.
  std::uint32_t runs(LocalId master) const { return runs_[master]; }
  std::uint32_t& runs(LocalId master) { return runs_[master]; }
  const BigArray<std::uint32_t>& all_runs() const { return runs_; }

  /// The aggregate over this rank's masters, in ascending order of local id.
  Global aggregate_local() const {
    Global sum{};
    if constexpr (UpdateTraits<P>::has_global)
      for (LocalId v = 0; v < graph_.masters(); ++v) sum += program_.aggregate(vertex(v), data<true>(v));
    return sum;
  }
  /// The last known aggregate over all vertices. Written between updates (chromatic) or beside them, one whole sum after
  /// another.
  Global global() const { return read<true>(global_); }
  void set_global(const Global& value) { write<true>(global_, value); }

  /// What a run leaves: the masters' data, the edges' and how often each master ran. Ends the use of the object.
  BigArray<Data> take_data() {
    data_.shrink(graph_.masters());
    return std::move(data_);
  }
  BigArray<EdgeData> take_edges() { return std::move(edges_); }
  BigArray<std::uint32_t> take_runs() { return std::move(runs_); }

 private:
  static constexpr std::size_t kPiece = 4096;
  // The aggregate is taken beside the updates, whatever they lock.
  static constexpr bool kSummed = UpdateTraits<P>::has_global;

  EdgeData first_edge_data(EdgeId e) const requires has_edges {
    if constexpr (requires { &P::init_edge; })
      return program_.init_edge(graph_.weighted() ? graph_.weight(e) : 1);
    else
      return {};
  }
  template <bool kShared, class T>
  static T read(const T& value) {
    if constexpr (!kShared || std::is_empty_v<T>) {
      return value;
    } else if constexpr (fits_word<T> && alignof(T) == sizeof(T)) {
      return read_shared(value);
    } else {
      const Stripes::Guard guard(&value);
      return value;
    }
  }
  template <bool kShared, class T>
  static void write(T& target, const T& value) {
    if constexpr (kShared)
      update_shared(target, [&](T& t) { t = value; });
    else
      target = value;
  }

  const ScopeGraph& graph_;
  const P& program_;
  VertexViews views_;
  BigArray<Data> data_;
  BigArray<std::uint32_t> versions_;
  BigArray<std::uint32_t> runs_;
  BigArray<EdgeData> edges_;
  Global global_{};
};

}  // namespace gasket
