#include "partition/place/placement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "partition/error.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

using enum Balance;
constexpr auto total = DegreesWanted::total, in = DegreesWanted::in;

constexpr double kBit = 1.0 / 8;
constexpr PlacingMemory kCopies = {.edge = 2, .copy = kBit};
// Both ends' other ends, 8 bytes each on their way out and in, 4 in rows.
constexpr PlacingMemory kRowsOfBoth = {.edge = 8, .moved_edge = 32, .vertex = 8};

constexpr PlacementInfo kPlacements[] = {
    {"dbh", "degree-based hashing: an edge goes with its endpoint of lower degree (vertex cut)", total, hashed, true,
     &make_dbh_placement},
    {"random", "an edge goes to a part by its hash (vertex cut)", DegreesWanted::none, hashed, true,
     &make_random_placement},
    {"contiguous", "ranges of vertices, balanced by in-edges; an edge goes with its target (edge cut)", in, mixed, true,
     &make_contiguous_placement},
    {"block-cyclic", "the same, eight ranges per part, dealt in turn: a search is on all parts at once (edge cut)", in,
     mixed, true, &make_block_cyclic_placement},
    {"source", "an edge goes to the part of its source's hash (edge cut)", DegreesWanted::none, Balance::none, true,
     &make_source_placement},
    {"target", "an edge goes to the part of its target's hash (edge cut)", DegreesWanted::none, Balance::none, true,
     &make_target_placement},
    {"grid", "parts as a grid: an edge goes where a row and a column of its ends meet (vertex cut)",
     DegreesWanted::none, Balance::none, true, &make_grid_placement},
    {"pds", "the same with perfect difference sets: fewer copies than the grid where parts = q^2 + q + 1",
     DegreesWanted::none, Balance::none, true, &make_pds_placement},
    {"oblivious", "an edge goes where its ends already are, as far as the rank itself knows (vertex cut)",
     DegreesWanted::none, limit, false, &make_oblivious_placement, true, kCopies},
    {"greedy", "the same, ranks telling each other (coordinated greedy, vertex cut)", DegreesWanted::none, limit, false,
     &make_greedy_placement, true, kCopies},
    {"hdrf", "the same, copying the end of higher degree first (vertex cut)", total, limit, false, &make_hdrf_placement,
     true, {.edge = 2, .vertex = 8, .copy = kBit}},
    {"hybrid", "an edge goes with its target; edges into hubs with their source (vertex cut of hubs)", in,
     Balance::none, true, &make_hybrid_placement},
    {"ginger", "hybrid, with targets put beside their neighbours (Fennel's rule)", in, mixed, false,
     &make_ginger_placement, false, {.edge = 6, .moved_edge = 20, .vertex = 6}},
    {"cvc", "Cartesian: row of the source's master, column of the target's; fewest partners (vertex cut)",
     DegreesWanted::none, Balance::none, true, &make_cvc_placement},
    {"fennel", "vertices one by one to the part of most neighbours, less a price for size (edge cut)", in, vertices,
     false, &make_fennel_placement, false, kRowsOfBoth},
    {"ldg", "linear deterministic greedy: neighbours times free room (edge cut)", in, vertices, false,
     &make_ldg_placement, false, kRowsOfBoth},
    {"2psl", "clusters first, then each edge to one of the parts of its ends' clusters (vertex cut)", total, limit,
     false, &make_two_phase_placement, true, {.edge = 2, .vertex = 24, .copy = kBit}},
    {"hep", "parts grown by neighbourhood expansion in the memory of rank 0 (vertex cut, fewest copies)",
     DegreesWanted::total, limit, false, &make_hep_placement, true, {.edge = 2, .gathered_edge = 10, .vertex = 30, .copy = kBit}},
    {"metis", "multilevel k-way by the METIS library in the memory of rank 0 (edge cut)", in, vertices, true,
     &make_metis_placement, false, {.gathered_edge = 60, .vertex = 2}},
};

constexpr PlacementInfo kAutomatic = {"auto",
                                      "contiguous where a sample says that close ids are neighbours or that there are no "
                                      "hubs (searches then may take block-cyclic), else dbh",
                                      DegreesWanted::none,
                                      mixed,
                                      true,
                                      &make_automatic_placement,
                                      false,
                                      {.vertex = 8}};

constexpr PlacementInfo kImport = {"import",
                                   "import:FILE, parts as a file says: of METIS, or of gasket partition",
                                   DegreesWanted::none,
                                   Balance::none,
                                   true,
                                   &make_import_placement,
                                   true};

}  // namespace

std::span<const PlacementInfo> placements() { return kPlacements; }

std::string_view describe(Balance balance) {
  switch (balance) {
    case limit:
      return "1.05 at most";
    case hashed:
      return "by hash";
    case vertices:
      return "1.05 by whole vertices";
    case mixed:
      return "edges and vertices together";
    case Balance::none:
      break;
  }
  return "no promise";
}

PlacingMemory placing_memory(std::string_view name) {
  const PlacementInfo& info = find_placement(name);
  return info.make == &make_import_placement ? memory_of_import(placement_argument(name)) : info.memory;
}

std::string_view placement_argument(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? std::string_view() : name.substr(colon + 1);
}

const PlacementInfo& find_placement(std::string_view name, std::string_view option) {
  const std::string_view argument = placement_argument(name);
  if (name == "import" || name.starts_with("import:")) {
    if (argument.empty()) throw UsageError(fmt::format("{} import: name a file, as in import:web.parts", option));
    return kImport;
  }
  if (name == kAutomatic.name) return kAutomatic;
  const auto found = std::ranges::find(kPlacements, name, &PlacementInfo::name);
  if (found != std::end(kPlacements)) return *found;
  std::string names;
  for (const PlacementInfo& info : kPlacements) names += std::string(info.name) + ", ";
  throw UsageError(fmt::format("{} {}: there is no such strategy; choose one of auto, {}import:FILE", option, name, names));
}

}  // namespace gasket
