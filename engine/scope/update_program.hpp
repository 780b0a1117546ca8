#pragma once
// The update function: the second way to write a program. It reads and writes a vertex, its edges and, under full
// consistency, its neighbours, and schedules whom it wants run next. A struct whose members are its parameters; it must
// have
//
//   using Data = ...;                                 what a vertex keeps, and its neighbours see
//   static constexpr Consistency needs = ...;         the weakest level under which it is right
//   Data init(const Vertex&) const;
//   template <class Scope> void update(Scope& scope) const;
//
// and may have
//
//   static constexpr Consistency uses = ...;          the strongest level whose rights it makes use of; by default full. One
//                                                     that never writes neighbours says edge, and is compiled once for both
//   using EdgeData = ...;                             what an edge keeps, both its ends can see
//   EdgeData init_edge(double weight) const;          by default EdgeData(); the weight is 1 in a graph without weights
//   bool seed(const Vertex&) const;                   who is scheduled at first; by default all
//   std::uint64_t first_priority(const Vertex&) const;    of those, for the priority scheduler; by default 0
//   using Global = ...;                               a sum over all vertices, taken in the background: scope.global()
//   Global aggregate(const Vertex&, const Data&) const;
//   bool converged(const Global&) const;              ends the run
//
// Data, EdgeData and Global are trivially copyable. update runs as often as the vertex is scheduled; what it may do is
// decided by the types of its scope (scope.hpp): what the level does not allow is one plain sentence from the compiler.

#include <concepts>
#include <type_traits>

#include "engine/program.hpp"
#include "engine/scope/consistency.hpp"

namespace gasket {

template <class P, Consistency C>
class Scope;

template <class P>
struct UpdateTraits {
  static constexpr bool has_edges = requires { typename P::EdgeData; };
  static constexpr bool has_seed = requires { &P::seed; };
  static constexpr bool has_first_priority = requires { &P::first_priority; };
  static constexpr bool has_global = requires { typename P::Global; };
  static constexpr bool has_converged = requires { &P::converged; };
};

namespace detail {

/// True for an update program; for anything else one static assertion fails, with a sentence that says what is missing.
template <class P>
consteval bool check_update_program() {
  if constexpr (!requires { typename P::Data; })
    static_assert(always_false<P>, "gasket: an update program needs a type 'Data', what a vertex keeps");
  else if constexpr (!requires {
                       { P::needs } -> std::convertible_to<Consistency>;
                     })
    static_assert(always_false<P>,
                  "gasket: an update program says the weakest level under which it is right: 'static constexpr "
                  "Consistency needs = "
                  "Consistency::edge'");
  else if constexpr (P::needs > uses_of<P>() || uses_of<P>() == Consistency::vertex)
    static_assert(always_false<P>,
                  "gasket: 'uses' is Consistency::edge or Consistency::full, and not weaker than 'needs'");
  else if constexpr (!(std::is_trivially_copyable_v<typename P::Data> && std::is_trivially_copyable_v<EdgeDataOf<P>> &&
                       std::is_trivially_copyable_v<GlobalOf<P>>))
    static_assert(always_false<P>,
                  "gasket: 'Data', 'EdgeData' and 'Global' must be trivially copyable, because they travel as bytes");
  else if constexpr (!requires(const P p, const Vertex& v) {
                       { p.init(v) } -> std::convertible_to<typename P::Data>;
                     })
    static_assert(always_false<P>, "gasket: an update program needs 'Data init(const Vertex&) const'");
  else if constexpr (!requires(const P p, Scope<P, P::needs>& s) { p.update(s); })
    static_assert(always_false<P>,
                  "gasket: an update program needs 'template <class Scope> void update(Scope& scope) const'");
  else if constexpr (
      requires { typename P::Global; } &&
      !requires(const P p, const Vertex& v, const typename P::Data& d) {
        { p.aggregate(v, d) } -> std::convertible_to<GlobalOf<P>>;
      })
    static_assert(always_false<P>,
                  "gasket: an update program with 'Global' needs 'Global aggregate(const Vertex&, const Data&) const'");
  else
    return true;
}

}  // namespace detail

}  // namespace gasket
