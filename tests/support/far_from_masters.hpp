#pragma once
// A placement that keeps arcs from the masters of their ends, to be loaded with own_strategy<FarFromMasters>.

#include "partition/hash.hpp"
#include "partition/place/rule.hpp"

namespace gasket {

/// Masters on the first rank, arcs anywhere and not beside their reverses: ranks of ghosts alone, rows in halves.
struct FarFromMasters {
  explicit FarFromMasters(const PlacementInput& input) : parts(input.parts) {}
  PartId edge(GlobalId source, GlobalId target) const { return static_cast<PartId>(mix(source * 31 + target) % parts); }
  PartId master(GlobalId) const { return 0; }
  PartId parts;
};

}  // namespace gasket
