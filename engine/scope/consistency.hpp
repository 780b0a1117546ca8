#pragma once
// What an update function may count on while it runs (Low et al., GraphLab, UAI 2010, section 3.3).
//
//            reads for sure                     writes                  never run at the same time
//   vertex   its vertex                         its vertex              a vertex with itself
//   edge     its vertex, its edges, neighbours  its vertex, its edges   neighbours
//   full     the same                           neighbours too          vertices at distance two

#include <fmt/format.h>

#include <string_view>

#include "partition/error.hpp"

namespace gasket {

enum class Consistency { vertex, edge, full };

constexpr std::string_view name_of(Consistency level) {
  return level == Consistency::vertex ? "vertex" : level == Consistency::edge ? "edge" : "full";
}

/// The strongest level whose rights the program makes use of.
template <class P>
constexpr Consistency uses_of() {
  if constexpr (requires { P::uses; })
    return P::uses;
  else
    return Consistency::full;
}

/// Calls run.template operator()<C>() with the rights C that the program has under the level asked for: those of the level,
/// or of P::uses where that is weaker. Only levels under which the program is right are compiled; throws UsageError for the
/// others.
template <class P, class Run>
auto at_level(Consistency level, const Run& run) {
  if constexpr (P::needs == Consistency::vertex)
    if (level == Consistency::vertex) return run.template operator()<Consistency::vertex>();
  if constexpr (P::needs != Consistency::full)
    if (level == Consistency::edge) return run.template operator()<Consistency::edge>();
  if (level == Consistency::full) return run.template operator()<uses_of<P>()>();
  throw UsageError(fmt::format("--consistency {}: the program is right only under {} consistency{}", name_of(level),
                               name_of(P::needs), P::needs == Consistency::full ? "" : " or a stronger one"));
}

}  // namespace gasket
