#pragma once
// Runs a vertex program as an update function: an update takes the program's sum anew from all neighbours, applies it, and
// schedules those who must hear of it. So the programs of the synchronous engine run on the engines of scopes.
//
// For programs with gather, and for those with scatter whose offers only improve: to make an offer again does no harm.
// What neighbours see of a vertex is what it was when they were last told, so changes too small to tell can not add up
// unheard.

#include <algorithm>

#include "engine/async/async_record.hpp"
#include "engine/scope/scope.hpp"
#include "engine/vertex_values.hpp"

namespace gasket {

template <class P>
struct Regather {
  using Traits = ProgramTraits<P>;
  static_assert(detail::check_program<P>());
  static_assert(!Traits::has_global,
                "gasket: a program with 'Global' needs supersteps; only the synchronous engine has them");
  static_assert(
      Traits::gathers || Traits::monotone,
      "gasket: a program with 'scatter' that does not promise 'monotone' needs supersteps or every offer exactly "
      "once; the engines of scopes take offers anew whenever a vertex runs");

  template <int>
  struct Nothing {};
  struct Data {
    typename P::Data value{};
    [[no_unique_address]] std::conditional_t<Traits::has_changed, typename P::Data, Nothing<0>> told{};
    [[no_unique_address]] std::conditional_t<Traits::projects, GhostOf<P>, Nothing<1>> ghost{};
    [[no_unique_address]] std::conditional_t<!Traits::gathers, bool, Nothing<2>> offers{};  // was a seed or has changed
  };
  static constexpr Consistency needs = Consistency::vertex;
  static constexpr Consistency uses = Consistency::edge;

  P program{};

  Data init(const Vertex& v) const {
    Data data;
    tell(v, data, program.init(v));
    if constexpr (!Traits::gathers) data.offers = seed(v);
    return data;
  }
  bool seed(const Vertex& v) const {
    if constexpr (Traits::has_seed)
      return program.seed(v);
    else
      return true;
  }
  std::uint64_t first_priority(const Vertex& v) const { return priority(program.init(v)); }

  template <class S>
  void update(S& scope) const {
    const Vertex vertex = scope.vertex();
    Data data = scope.data();
    const typename P::Data after = program.apply(vertex, data.value, sum(scope));
    bool news = false;
    if constexpr (!Traits::gathers) news = scope.runs() == 0 && seed(vertex);
    if constexpr (Traits::has_changed)
      news = news || differs(program, data.told, after);
    else
      news = news || differs(program, data.value, after);
    if (news)
      tell(vertex, data, after);
    else
      data.value = after;
    scope.set(data);
    if (!news) return;
    for (const auto n : scope.neighbours())
      if (receives(n)) n.signal(priority(after));
  }

  /// Whether a value comes over the link.
  template <class N>
  static bool gives(const N& n) {
    return Traits::flow == Flow::both || (Traits::flow == Flow::forward ? n.in() : n.out());
  }

 private:
  template <class N>
  static bool receives(const N& n) {
    return Traits::flow == Flow::both || (Traits::flow == Flow::forward ? n.out() : n.in());
  }
  void tell(const Vertex& vertex, Data& data, const typename P::Data& value) const {
    data.value = value;
    if constexpr (Traits::has_changed) data.told = value;
    if constexpr (Traits::projects) data.ghost = program.ghost(vertex, value);
    if constexpr (!Traits::gathers) data.offers = true;
  }
  std::uint64_t priority(const typename P::Data& value) const {
    if constexpr (Traits::has_priority)
      return program.priority(value);
    else
      return 0;
  }
  static const GhostOf<P>& ghost_of(const Data& data) {
    if constexpr (Traits::projects)
      return data.ghost;
    else if constexpr (Traits::has_changed)
      return data.told;
    else
      return data.value;
  }
  template <class S>
  typename P::Accum sum(S& scope) const {
    typename P::Accum sum{};
    for (const auto n : scope.neighbours()) {
      if (!gives(n)) continue;
      const Data data = n.data();
      if constexpr (!Traits::gathers)
        if (!data.offers) continue;
      EdgeOf<P> edge{{ghost_of(data)}, {}};
      if constexpr (Traits::weighted) edge.data = n.weight();
      if constexpr (Traits::gathers)
        sum += program.gather(edge);
      else
        sum += program.scatter(edge);
    }
    return sum;
  }
};

/// Fills in the arcs over which such a run took values, every update over all that lead to its vertex. Collective.
template <class P>
void count_gathers(const ScopeGraph& graph, const BigArray<std::uint32_t>& runs, AsyncRecord& record) {
  std::uint64_t arcs = 0;
  for (LocalId v = 0; v < graph.masters(); ++v)
    arcs += runs[v] * static_cast<std::uint64_t>(std::ranges::count_if(
                          graph.links(v), [](const ScopeGraph::Link& link) { return Regather<P>::gives(link); }));
  const std::vector<std::uint64_t> all = graph.communicator().all_gather(arcs);
  record.arcs = 0;
  for (std::size_t r = 0; r < all.size(); ++r) record.arcs += record.ranks[r].arcs = all[r];
}

/// The program's values in what a run of Regather<P> has left.
template <class P>
BigArray<typename P::Data> values_of(const BigArray<typename Regather<P>::Data>& cells) {
  BigArray<typename P::Data> values(cells.size());
  for (std::size_t v = 0; v < cells.size(); ++v) values[v] = cells[v].value;
  return values;
}

}  // namespace gasket
