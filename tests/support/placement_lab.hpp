#pragma once
// Placements made and measured without building a graph.

#include <memory>

#include "partition/build/numbered.hpp"
#include "partition/place/degrees.hpp"
#include "partition/place/quality.hpp"

namespace gasket {

class PlacementLab {
  template <class Use>
  auto with_placement(std::string_view name, PartId parts, std::span<const double> weights, const Use& use) const {
    const PlacementInfo& info = find_placement(name);
    const BigArray<std::uint32_t> degrees =
        count_degrees(comm_, input.edges, input.vertices, info.degrees, undirected_);
    PlacementInput how = describe(parts);
    how.degrees = degrees.span();
    how.weights = weights;
    how.argument = placement_argument(name);
    return use(*info.make(how));
  }

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
    return with_placement(name, parts, weights, [&](const Placement& placement) {
      return meter_.measure(placement, PartShares(parts, weights), traffic);
    });
  }
  /// Of the edges here.
  std::vector<EdgeCount> edges_of_parts(std::string_view name, PartId parts,
                                        std::span<const double> weights = {}) const {
    return with_placement(name, parts, weights, [&](const Placement& placement) {
      std::vector<EdgeCount> counts(parts);
      for (std::size_t i = 0; i < input.edges.size(); ++i) {
        std::vector<PartId> chosen(input.edges[i].size());
        placement.place(input.edges[i], i, chosen);
        for (const PartId part : chosen) ++counts[part];
      }
      return counts;
    });
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
