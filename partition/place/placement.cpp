#include "partition/place/placement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "partition/error.hpp"
#include "partition/place/contiguous.hpp"
#include "partition/place/dbh.hpp"
#include "partition/place/random.hpp"

namespace gasket {
namespace {

constexpr PlacementInfo kPlacements[] = {
    {"dbh", "degree-based hashing: an edge goes with its endpoint of lower degree (vertex cut)", DegreesWanted::total,
     &make_dbh_placement},
    {"random", "an edge goes to a part by its hash (vertex cut)", DegreesWanted::none, &make_random_placement},
    {"contiguous", "ranges of vertices, balanced by in-edges; an edge goes with its target (edge cut)",
     DegreesWanted::in, &make_contiguous_placement},
};

}  // namespace

std::span<const PlacementInfo> placements() { return kPlacements; }

const PlacementInfo& find_placement(std::string_view name) {
  const auto found = std::ranges::find(kPlacements, name, &PlacementInfo::name);
  if (found != std::end(kPlacements)) return *found;
  std::string names;
  for (const PlacementInfo& info : kPlacements) names += (names.empty() ? "" : ", ") + std::string(info.name);
  throw UsageError(fmt::format("--placement {}: there is no such strategy; choose one of {}", name, names));
}

}  // namespace gasket
