#pragma once
// Placements made and measured without building a graph.

#include <memory>

#include "partition/build/numbered.hpp"
#include "partition/place/degrees.hpp"
#include "partition/place/quality.hpp"

namespace gasket {

class PlacementLab {
 public:
  /// Collective.
  PlacementLab(Communicator& comm, EdgeSource& source, bool undirected, bool drop_self_loops = false)
      : comm_(comm),
        undirected_(undirected),
        input(read_numbered(comm, source, drop_self_loops, [](std::string_view) {})),
        meter_(comm, input.edges, input.vertices, undirected) {}

  PlacementInput describe(PartId parts) const {
    return {.comm = &comm_,
            .parts = parts,
            .vertices = input.vertices,
            .edges = input.edges,
            .undirected = undirected_,
            .seed = 1};
  }
  PlacementStudy study(std::string_view name, PartId parts, const Traffic& traffic = {},
                       std::span<const double> weights = {}) const {
    const PlacementInfo& info = find_placement(name);
    const BigArray<std::uint32_t> degrees =
        count_degrees(comm_, input.edges, input.vertices, info.degrees, undirected_);
    PlacementInput how = describe(parts);
    how.degrees = degrees.span();
    how.weights = weights;
    how.argument = placement_argument(name);
    return meter_.measure(*info.make(how), PartShares(parts, weights), traffic);
  }

 private:
  Communicator& comm_;
  bool undirected_;

 public:
  NumberedEdges input;

 private:
  PlacementMeter meter_;
};

}  // namespace gasket
