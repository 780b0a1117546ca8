#pragma once
// The bits of a word, as positions.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace gasket {

/// Calls visit(i) for each i whose bit is set, ascending.
template <class Visit>
void for_each_bit(std::uint64_t bits, const Visit& visit) {
  for (; bits != 0; bits &= bits - 1) visit(static_cast<std::size_t>(std::countr_zero(bits)));
}

}  // namespace gasket
