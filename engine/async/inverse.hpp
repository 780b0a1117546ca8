#pragma once
// Accumulators that can be undone: += has an inverse. Of those a sum can be kept, and brought up to date by what a
// neighbour's change makes of it, instead of being taken again over all neighbours (Low et al., Distributed GraphLab, VLDB
// 2012, call it delta caching).

#include <concepts>

namespace gasket {

/// -= takes out what += has put in, so that a + b - b is a but for rounding: numbers have it; minima, maxima and sets forget
/// what they were made of.
template <class Accum>
concept Invertible = requires(Accum sum, const Accum part) {
  {sum += part};
  {sum -= part};
};

}  // namespace gasket
