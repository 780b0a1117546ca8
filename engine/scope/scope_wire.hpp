#pragma once
// How the engine of locks puts what ranks say to each other about scopes into records, and takes it out.

#include <algorithm>

#include "engine/scope/scope_store.hpp"
#include "partition/comm/mailbox.hpp"

namespace gasket {

enum class ScopeMessage : std::uint8_t {
  ask,         // for the locks of the part of a scope that lies there
  grant,       // of them, with data that are out of date where they were asked for
  let_go,      // of them, with what was written
  push,        // new data of masters, for the copies there
  write,       // data of a master there, written by a neighbour's update
  write_edge,  // of an edge that both ranks have
  signal       // to masters there
};

/// kShared: others may be at the data.
template <class P, bool kShared>
class ScopeWire {
 public:
  using Version = std::uint32_t;

  ScopeWire(const ScopeGraph& graph, ScopeStore<P>& store) : graph_(graph), store_(store) {}

  /// The data of `here`, which the receiver knows as `there`.
  void put_data(RecordWriter& record, LocalId there, LocalId here) const {
    record.put(there);
    record.put(store_.version(here));
    record.put(store_.template data<kShared>(here));
  }
  /// Takes them for a master; returns it.
  LocalId take_data(RecordReader& record) {
    const auto v = record.get<LocalId>();
    take_data_of(v, record);
    return v;
  }
  /// The same behind the number that named the vertex.
  void take_data_of(LocalId v, RecordReader& record) {
    const auto version = record.get<Version>();
    store_.template receive_data<kShared>(v, record.get<typename P::Data>(), version);
  }

  void put_edge(RecordWriter& record, const ScopeGraph::CutEdges& cut, EdgeId e) const {
    record.put(static_cast<EdgeId>(e - cut.begin));
    record.put(store_.template edge<kShared>(e));
  }
  void take_edge(int from, RecordReader& record) {
    if constexpr (ScopeStore<P>::has_edges) {
      const auto place = record.get<EdgeId>();
      const auto cut = std::ranges::find(graph_.cut_edges(), from, &ScopeGraph::CutEdges::rank);
      store_.template set_edge<kShared>(cut->begin + place, record.get<EdgeDataOf<P>>());
    }
  }

 private:
  const ScopeGraph& graph_;
  ScopeStore<P>& store_;
};

}  // namespace gasket
