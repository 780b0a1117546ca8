#pragma once
// What an update function may count on while it runs (Low et al., GraphLab, UAI 2010, section 3.3).
//
//            reads for sure                     writes                  never run at the same time
//   vertex   its vertex                         its vertex              a vertex with itself
//   edge     its vertex, its edges, neighbours  its vertex, its edges   neighbours
//   full     the same                           neighbours too          vertices at distance two

namespace gasket {

enum class Consistency { vertex, edge, full };

constexpr const char* name_of(Consistency level) {
  return level == Consistency::vertex ? "vertex" : level == Consistency::edge ? "edge" : "full";
}

}  // namespace gasket
