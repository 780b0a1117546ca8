#pragma once
// Who masters each vertex, once the edges have arrived.

#include "partition/comm/communicator.hpp"
#include "partition/graph/ranked_bitmap.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

/// By the placement's own rule, or, where it says that masters follow the edges, by master_choice.hpp: each rank decides
/// for a slice of the vertices from all ranks' bits, and the decisions are gathered, 2 bytes per vertex on every rank.
class Masters {
 public:
  /// `sources` and `targets` are the ends of this rank's arcs. Collective.
  Masters(Communicator& comm, const RankedBitmap& sources, const RankedBitmap& targets, const Placement& placement);

  /// Writes the master's rank of the vertices first, first + 1, ...
  void of(GlobalId first, std::span<PartId> ranks) const;

 private:
  const Placement* placement_;
  BigArray<std::uint16_t> chosen_;  // empty: by the rule
};

}  // namespace gasket
