#pragma once
// Which of the parts with edges of a vertex masters it. A ghost costs a value per superstep if local arcs read it, and
// one if they write it; the master's part costs neither. So the best part is one with both kinds of arc, then any; of
// equal ones the hash chooses, which spreads masters evenly and needs no agreement on an order.

#include <bit>
#include <cstdint>

#include "partition/hash.hpp"
#include "partition/types.hpp"

namespace gasket {

/// What arcs of a part use a vertex for.
enum Role : std::uint32_t { is_source = 1, is_target = 2 };

/// The higher the better; never 0 for a part with a role.
constexpr std::uint64_t mastery(GlobalId vertex, PartId part, std::uint32_t roles) {
  return static_cast<std::uint64_t>(std::popcount(roles)) << 62 | mix(mix(vertex) + part) >> 2;
}

}  // namespace gasket
