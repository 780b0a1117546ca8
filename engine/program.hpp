#pragma once
// The vertex program: what a user writes.
//
// A struct of small pure functions; its parameters are its members; only the engine writes. It must have
//
//   using Data  = ...;                          what the master of a vertex keeps
//   using Accum = ...;                          a commutative monoid: Accum() is its identity, += combines
//   Data  init  (const Vertex&) const;          before the first superstep
//   Data  apply (const Vertex&, const Data&, const Accum&) const;      the new data
//
// and one of
//
//   Accum gather (const Edge<Ghost>&) const;    taken over all edges of a vertex whenever it is awake
//   Accum scatter(const Edge<Ghost>&) const;    an offer made over each edge of a vertex that has changed
//
// and may have
//
//   using Ghost = ...;                          what neighbours see and what travels; by default Data
//   Ghost ghost(const Vertex&, const Data&) const;
//   using EdgeData = double;                    the edge is then Edge<Ghost, double>, with the weight in e.data
//   bool  changed(const Data& before, const Data& after) const;
//                                               whether neighbours must hear of it; by default !=. Data becomes what
//                                               apply said either way.
//   bool  seed(const Vertex&) const;            who is awake (gather) or has changed (scatter) at first; by default all
//   static constexpr EdgeDirection gather_edges = EdgeDirection::in;       or scatter_edges = EdgeDirection::out
//   static constexpr bool always_awake = false; gather: every vertex in every superstep
//   static constexpr std::uint64_t in_place_after = 6;
//                                               of an always awake program: after so many supersteps neighbours on the
//                                               same rank read new values as soon as they are there (Gauss-Seidel), other
//                                               ranks at the end of the superstep. Results then depend on timing, ranks
//                                               and the order of vertices, as far as the fixpoint lets them.
//   using Global = ...;                         a sum over all vertices; apply then takes it as a fourth parameter
//   Global aggregate(const Vertex&, const Data& before, const Data& after) const;
//   bool  converged(const Global&) const;       ends the run after the superstep that led to this sum
//
// A scatter program may promise what saves the engine work:
//
//   static constexpr bool monotone = true;      offers only ever improve, as minima do: one that leaves the combination
//                                               of all offers so far as it is may be dropped. apply gets that
//                                               combination, or offers one by one: it comes to the same.
//   static constexpr bool first_offer_is_best = true;
//                                               the first superstep that brings a vertex offers brings the best, each
//                                               as good as the other, and a seed needs none: it takes one in its life
//   std::uint64_t priority(const Data&) const;  of a monotone program: changed vertices make their offers in ascending
//                                               order of it, equal ones together; offers never lead to a lower one.
//                                               The two highest numbers count as one.
//
// Data, Ghost, Accum and Global are trivially copyable: they travel as bytes. The Accum of a program with gather may also
// be anything that cereal can write and read (a container, a class with `serialize`): a histogram, a set.
// A missing member, or a right name with a wrong signature, is one plain sentence from the compiler.

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "engine/serial.hpp"
#include "engine/views.hpp"
#include "partition/graph/ghost_plan.hpp"

namespace gasket {

/// For programs without an aggregate.
struct NoGlobal {
  NoGlobal& operator+=(const NoGlobal&) { return *this; }
};

namespace detail {

template <class P>
struct GhostType {
  using type = typename P::Data;
};
template <class P>
requires requires { typename P::Ghost; }
struct GhostType<P> {
  using type = typename P::Ghost;
};
template <class P>
struct EdgeDataType {
  using type = NoEdgeData;
};
template <class P>
requires requires { typename P::EdgeData; }
struct EdgeDataType<P> {
  using type = typename P::EdgeData;
};
template <class P>
struct GlobalType {
  using type = NoGlobal;
};
template <class P>
requires requires { typename P::Global; }
struct GlobalType<P> {
  using type = typename P::Global;
};

}  // namespace detail

template <class P>
using GhostOf = typename detail::GhostType<P>::type;
template <class P>
using EdgeDataOf = typename detail::EdgeDataType<P>::type;
template <class P>
using GlobalOf = typename detail::GlobalType<P>::type;
template <class P>
using EdgeOf = Edge<GhostOf<P>, EdgeDataOf<P>>;

/// Which optional members a program has. Only for programs that is_vertex_program accepts.
template <class P>
struct ProgramTraits {
  static constexpr bool projects = requires { &P::ghost; };
  static constexpr bool gathers = requires { &P::gather; };
  static constexpr bool has_changed = requires { &P::changed; };
  /// What neighbours know is kept beside the data: it is something else, or may be older.
  static constexpr bool keeps_ghosts_apart = projects || has_changed;
  static constexpr bool has_seed = requires { &P::seed; };
  static constexpr bool has_global = requires { typename P::Global; };
  static constexpr bool has_converged = requires { &P::converged; };
  static constexpr bool weighted = requires { typename P::EdgeData; };
  /// Sums are no plain bytes: they travel serialised, and are never stored.
  static constexpr bool serialises = !std::is_trivially_copyable_v<typename P::Accum>;
  static constexpr bool has_priority = requires { &P::priority; };
  static constexpr bool monotone = [] {
    if constexpr (requires { P::monotone; })
      return bool{P::monotone};
    else
      return false;
  }();
  static constexpr bool first_offer_is_best = [] {
    if constexpr (requires { P::first_offer_is_best; })
      return bool{P::first_offer_is_best};
    else
      return false;
  }();
  static constexpr bool always_awake = [] {
    if constexpr (requires { P::always_awake; })
      return bool{P::always_awake};
    else
      return false;
  }();
  static constexpr bool in_place = requires { P::in_place_after; };
  /// The way values travel over the arcs of the graph.
  static constexpr Flow flow = [] {
    if constexpr (requires { P::gather_edges; })
      return P::gather_edges == EdgeDirection::in    ? Flow::forward
             : P::gather_edges == EdgeDirection::out ? Flow::backward
                                                     : Flow::both;
    else if constexpr (requires { P::scatter_edges; })
      return P::scatter_edges == EdgeDirection::out  ? Flow::forward
             : P::scatter_edges == EdgeDirection::in ? Flow::backward
                                                     : Flow::both;
    else
      return Flow::forward;
  }();
};

namespace detail {

template <class>
inline constexpr bool always_false = false;

// A right name with a wrong signature is an error; a name that no program has cannot be found out, but the likely
// misspellings of the optional members can.
template <class P>
inline constexpr bool misspells_optional = requires {
  &P::is_changed;
}
|| requires { &P::has_changed; }
|| requires { &P::change; }
|| requires { &P::is_converged; }
|| requires { &P::has_converged; }
|| requires { &P::converge; }
|| requires { &P::aggregation; }
|| requires { &P::seeds; }
|| requires { &P::is_seed; }
|| requires { P::is_always_awake; }
|| requires { P::in_place; }
|| requires { P::gather_edge; }
|| requires { P::scatter_edge; }
|| requires { P::is_monotone; }
|| requires { P::first_offer_wins; };

template <class P>
inline constexpr bool travels = std::is_trivially_copyable_v<typename P::Data> &&
                                (std::is_trivially_copyable_v<typename P::Accum> ||
                                 is_serialisable<typename P::Accum>)&&std::is_trivially_copyable_v<GhostOf<P>>&& std::
                                    is_trivially_copyable_v<GlobalOf<P>>;

template <class P>
inline constexpr bool applies = requires(const P p, const Vertex& v, const typename P::Data& d,
                                         const typename P::Accum& a) {
  { p.apply(v, d, a) } -> std::convertible_to<typename P::Data>;
};
template <class P>
inline constexpr bool applies_global = requires(const P p, const Vertex& v, const typename P::Data& d,
                                                const typename P::Accum& a, const GlobalOf<P>& g) {
  { p.apply(v, d, a, g) } -> std::convertible_to<typename P::Data>;
};

#define GASKET_REFUSE(sentence) static_assert(always_false<P>, "gasket: " sentence)

/// True for a vertex program; for anything else one static assertion fails, with a sentence that says what is missing.
template <class P>
consteval bool check_program() {
  if constexpr (!requires { typename P::Data; })
    GASKET_REFUSE("a vertex program needs a type 'Data', what the master of a vertex keeps");
  else if constexpr (!requires { typename P::Accum; })
    GASKET_REFUSE("a vertex program needs a type 'Accum', what gather or scatter give and += combines");
  else if constexpr (!(std::default_initializable<typename P::Accum> &&
                       requires(typename P::Accum a, const typename P::Accum b) { a += b; }))
    GASKET_REFUSE("'Accum' must be a monoid: Accum() is its identity and 'Accum& operator+=(const Accum&)' combines");
  else if constexpr (!travels<P>)
    GASKET_REFUSE(
        "'Data', 'Ghost', 'Accum' and 'Global' must be trivially copyable, because they travel as bytes (an 'Accum' "
        "may "
        "instead be what cereal can serialise)");
  else if constexpr (!std::is_trivially_copyable_v<typename P::Accum> && !requires { &P::gather; })
    GASKET_REFUSE(
        "an 'Accum' that is not trivially copyable is for programs with 'gather'; offers of 'scatter' are combined in "
        "place");
  else if constexpr (!requires { &P::init; })
    GASKET_REFUSE("a vertex program needs 'Data init(const Vertex&) const'");
  else if constexpr (!requires(const P p, const Vertex& v) {
                       { p.init(v) } -> std::convertible_to<typename P::Data>;
                     })
    GASKET_REFUSE("'init' has the wrong signature; it must be 'Data init(const Vertex&) const'");
  else if constexpr (
      !requires { &P::gather; } && !requires { &P::scatter; })
    GASKET_REFUSE(
        "a vertex program needs 'Accum gather(const Edge<Ghost>&) const' or 'Accum scatter(const Edge<Ghost>&) const'");
  else if constexpr (
      requires { &P::gather; } && requires { &P::scatter; })
    GASKET_REFUSE(
        "a vertex program has either 'gather' or 'scatter', not both; the engine pushes and pulls with either");
  else if constexpr (
      requires { &P::gather; } &&
      !requires(const P p, const EdgeOf<P>& e) {
        { p.gather(e) } -> std::convertible_to<typename P::Accum>;
      })
    GASKET_REFUSE(
        "'gather' has the wrong signature; it must be 'Accum gather(const Edge<Ghost>&) const' (Edge<Ghost, EdgeData> "
        "when the program has 'EdgeData')");
  else if constexpr (
      requires { &P::scatter; } &&
      !requires(const P p, const EdgeOf<P>& e) {
        { p.scatter(e) } -> std::convertible_to<typename P::Accum>;
      })
    GASKET_REFUSE(
        "'scatter' has the wrong signature; it must be 'Accum scatter(const Edge<Ghost>&) const' (Edge<Ghost, "
        "EdgeData> when the program has 'EdgeData')");
  else if constexpr (!requires { &P::apply; })
    GASKET_REFUSE("a vertex program needs 'Data apply(const Vertex&, const Data&, const Accum&) const'");
  else if constexpr (!requires { typename P::Global; } && !applies<P>)
    GASKET_REFUSE(
        "'apply' has the wrong signature; it must be 'Data apply(const Vertex&, const Data&, const Accum&) const'");
  else if constexpr (requires { typename P::Global; } && !applies_global<P>)
    GASKET_REFUSE(
        "'apply' has the wrong signature; with 'Global' it must be 'Data apply(const Vertex&, const Data&, const "
        "Accum&, const Global&) const'");
  else if constexpr (
      requires { typename P::Global; } && !requires { &P::aggregate; })
    GASKET_REFUSE(
        "a program with 'Global' needs 'Global aggregate(const Vertex&, const Data& before, const Data& after) const'");
  else if constexpr (
      requires { &P::aggregate; } && !requires { typename P::Global; })
    GASKET_REFUSE("a program with 'aggregate' needs a type 'Global', the sum over all vertices");
  else if constexpr (
      requires { &P::aggregate; } &&
      !requires(const P p, const Vertex& v, const typename P::Data& d, GlobalOf<P> sum) {
        { p.aggregate(v, d, d) } -> std::convertible_to<GlobalOf<P>>;
        sum += p.aggregate(v, d, d);
      })
    GASKET_REFUSE(
        "'aggregate' has the wrong signature; it must be 'Global aggregate(const Vertex&, const Data& before, const "
        "Data& after) const', and Global needs +=");
  else if constexpr (
      requires { &P::converged; } &&
      !requires(const P p, const GlobalOf<P>& g) {
        { p.converged(g) } -> std::convertible_to<bool>;
      })
    GASKET_REFUSE(
        "'converged' has the wrong signature; it must be 'bool converged(const Global&) const' of a program with "
        "'Global'");
  else if constexpr (
      requires { &P::ghost; } && !requires { typename P::Ghost; })
    GASKET_REFUSE("a program with 'ghost' needs a type 'Ghost', what neighbours see of a vertex");
  else if constexpr (
      requires { typename P::Ghost; } &&
      !requires(const P p, const Vertex& v, const typename P::Data& d) {
        { p.ghost(v, d) } -> std::convertible_to<GhostOf<P>>;
      } &&
      !std::same_as<GhostOf<P>, typename P::Data>)
    GASKET_REFUSE("a program with a 'Ghost' of its own needs 'Ghost ghost(const Vertex&, const Data&) const'");
  else if constexpr (
      requires { &P::ghost; } &&
      !requires(const P p, const Vertex& v, const typename P::Data& d) {
        { p.ghost(v, d) } -> std::convertible_to<GhostOf<P>>;
      })
    GASKET_REFUSE("'ghost' has the wrong signature; it must be 'Ghost ghost(const Vertex&, const Data&) const'");
  else if constexpr (
      requires { &P::changed; } &&
      !requires(const P p, const typename P::Data& d) {
        { p.changed(d, d) } -> std::convertible_to<bool>;
      })
    GASKET_REFUSE(
        "'changed' has the wrong signature; it must be 'bool changed(const Data& before, const Data& after) const'");
  else if constexpr (!requires { &P::changed; } && !std::equality_comparable<typename P::Data>)
    GASKET_REFUSE("'Data' has no ==, so the program needs 'bool changed(const Data& before, const Data& after) const'");
  else if constexpr (
      requires { &P::seed; } &&
      !requires(const P p, const Vertex& v) {
        { p.seed(v) } -> std::convertible_to<bool>;
      })
    GASKET_REFUSE("'seed' has the wrong signature; it must be 'bool seed(const Vertex&) const'");
  else if constexpr (
      requires { P::gather_edges; } && !requires { &P::gather; })
    GASKET_REFUSE("'gather_edges' is for programs with 'gather'; this one scatters and has 'scatter_edges'");
  else if constexpr (
      requires { P::scatter_edges; } && !requires { &P::scatter; })
    GASKET_REFUSE("'scatter_edges' is for programs with 'scatter'; this one gathers and has 'gather_edges'");
  else if constexpr (
      requires { P::always_awake; } && !requires { &P::gather; })
    GASKET_REFUSE(
        "'always_awake' is for programs with 'gather'; a program with 'scatter' runs where something has changed");
  else if constexpr (ProgramTraits<P>::in_place &&
                     !(ProgramTraits<P>::always_awake && std::is_trivially_copyable_v<typename P::Accum> &&
                       sizeof(GhostOf<P>) <= 8))
    GASKET_REFUSE(
        "'in_place_after' is for programs that are 'always_awake', with an 'Accum' that is trivially copyable and a "
        "'Ghost' of at most 8 bytes, which is read while it is replaced");
  else if constexpr ((
                         requires { P::monotone; } || requires { P::first_offer_is_best; } ||
                         requires { &P::priority; }) &&
                     !requires { &P::scatter; })
    GASKET_REFUSE("'monotone', 'first_offer_is_best' and 'priority' are for programs with 'scatter'");
  else if constexpr (
      requires { &P::priority; } &&
      !requires(const P p, const typename P::Data& d) {
        { p.priority(d) } -> std::same_as<std::uint64_t>;
      })
    GASKET_REFUSE(
        "'priority' has the wrong signature; it must be 'std::uint64_t priority(const Data&) const', the lower the "
        "sooner");
  else if constexpr (requires { &P::priority; } && !ProgramTraits<P>::monotone)
    GASKET_REFUSE("a program with 'priority' must be monotone: 'static constexpr bool monotone = true'");
  else if constexpr (requires { typename P::EdgeData; } && !std::same_as<EdgeDataOf<P>, double>)
    GASKET_REFUSE("'EdgeData' must be double, the weight of the edge");
  else if constexpr (misspells_optional<P>)
    GASKET_REFUSE(
        "the program has a member that looks like a misspelt optional one; the names are ghost, changed, seed, "
        "gather_edges, scatter_edges, always_awake, in_place_after, aggregate, converged, monotone, "
        "first_offer_is_best, priority");
  else
    return true;
  return false;
}

#undef GASKET_REFUSE

}  // namespace detail

}  // namespace gasket
