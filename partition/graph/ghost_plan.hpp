#pragma once
// Who holds copies of whose vertices, agreed once when the graph is built: afterwards values travel without ids.
//
// The ghosts that a rank has of one owner are one range of local ids. Inside it they are ordered by what the local
// arcs use them for: first those that are only targets, then those that are both, then those that are only sources;
// within each in the owner's order. So the ghosts whose accumulators must travel to the master (targets, when values
// flow along the arcs) and the ghosts whose values must come from the master (sources) are each one contiguous range.
// This is Gluon's table of which policy needs reduce and which broadcast (Dathathri et al., PLDI 2018, section 3),
// taken per ghost instead of per policy: an in-edge cut has no target ghosts, so nothing is reduced, and so on.

#include <cstddef>
#include <vector>

#include "partition/types.hpp"

namespace gasket {

/// Which way values travel over an arc: from its source to its target, back, or both ways.
enum class Flow { forward, backward, both };

struct GhostPlan {
  /// Positions begin .. end-1.
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t size() const { return end - begin; }
  };
  /// Begins of the three groups of a list of ghosts; `end` is where it ends.
  struct Groups {
    std::size_t targets = 0;
    std::size_t both = 0;
    std::size_t sources = 0;
    std::size_t end = 0;

    /// Copies that arcs write to under the flow: their accumulators are reduced to the master.
    Range written(Flow flow) const {
      if (flow == Flow::forward) return {targets, sources};
      return flow == Flow::backward ? Range{both, end} : Range{targets, end};
    }
    /// Copies that arcs read from: the master's value is broadcast to them.
    Range read(Flow flow) const {
      return written(flow == Flow::forward ? Flow::backward : flow == Flow::backward ? Flow::forward : Flow::both);
    }
  };
  /// Another rank that masters some of our ghosts or has ghosts of our masters.
  struct Peer {
    int rank = 0;
    Groups ghosts;                 // local ids of our copies of its masters
    Groups copies;                 // positions in `masters`
    std::vector<LocalId> masters;  // our masters it has copies of, in the order of its ghosts: ascending in each group
  };
  std::vector<Peer> peers;  // in ring order after this rank; ranks with nothing in common are left out
};

}  // namespace gasket
