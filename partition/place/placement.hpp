#pragma once
// Placement: the rule that says which part stores an edge and which part masters a vertex. One small file per
// strategy; the table in placement.cpp is the only place that knows them all.

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "partition/io/edge_chunk.hpp"
#include "partition/types.hpp"

namespace gasket {

/// Which degrees a strategy wants to know of every vertex before it places the first edge.
enum class DegreesWanted { none, total, in };

/// What a strategy is told. The spans outlive the placement.
struct PlacementInput {
  PartId parts = 1;
  GlobalId vertices = 0;
  /// One entry per vertex (saturating at 2^32 - 1), the same on every rank; empty when none are wanted.
  std::span<const std::uint32_t> degrees;
  std::uint64_t seed = 0;
};

/// A rule, the same on every rank. Called once per chunk of edges, never per edge, by several workers at once.
class Placement {
 public:
  virtual ~Placement() = default;

  /// True when an edge and its reverse always go to the same part: then an undirected edge travels once, and its
  /// two arcs share their ghosts.
  virtual bool symmetric() const = 0;
  /// Writes the part of each edge (global ids) of the chunk; parts.size() == chunk.size().
  virtual void place(const EdgeChunk& chunk, std::span<PartId> parts) const = 0;
  /// Writes the master's part of the vertices first, first + 1, ...
  virtual void masters(GlobalId first, std::span<PartId> parts) const = 0;
};

struct PlacementInfo {
  std::string_view name;
  std::string_view summary;  // one line for help texts
  DegreesWanted degrees;
  std::unique_ptr<Placement> (*make)(const PlacementInput&);
};

/// Every strategy, in the order of the help text.
std::span<const PlacementInfo> placements();
/// Throws UsageError that lists the names when there is no such strategy.
const PlacementInfo& find_placement(std::string_view name);

}  // namespace gasket
